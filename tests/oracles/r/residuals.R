weights <- column("weights.csv", "weight")
gears <- column("gears.csv", "diameter")
batches <- column("gears.csv", "batch")
sprays <- column("sprays.csv", "count")
spray <- column("sprays.csv", "spray")

# 1 - pchisq(), as some tests of R's have it, has no digits left where p is small
upper_tail <- function(found) pchisq(found$statistic, found$parameter, lower.tail = FALSE)

# Shape
of_drawn <- function(sample) column("drawn.csv", "value", rows = list(sample = sample))
shapes <- list(weights = weights, normal = of_drawn("normal"), skewed = of_drawn("skewed"),
               ozone = column("airquality.csv", "ozone"))
for (about in names(shapes)) {
  found <- shapiro.test(values_of(shapes[[about]]))
  oracle("shapiro-wilk", about, shapes[[about]],
         values = list(statistic = found$statistic, pvalue = found$p.value),
         source = "stats::shapiro.test(x)")
  found <- tseries::jarque.bera.test(values_of(shapes[[about]]))
  oracle("jarque-bera", about, shapes[[about]],
         values = list(statistic = found$statistic, pvalue = upper_tail(found)),
         source = "tseries::jarque.bera.test(x), p by pchisq of its statistic")
}

# Spread: tests of Levene's kind are analyses of variance of the distances from a centre
spreads <- list(gears = list(gears, batches), sprays = list(sprays, spray))
for (about in names(spreads)) {
  value <- values_of(spreads[[about]][[1]])
  group <- factor(values_of(spreads[[about]][[2]]))
  for (centre in c("mean", "median")) {
    found <- anova(lm(abs(value - ave(value, group, FUN = get(centre))) ~ group))
    oracle(if (centre == "mean") "levene" else "brown-forsythe", about,
           spreads[[about]][[1]], spreads[[about]][[2]],
           values = setNames(list(found[["F value"]][1], found[["Pr(>F)"]][1]),
                             c("statistic", if (centre == "mean") "details.p by F" else "pvalue")),
           source = sprintf("stats::anova(lm(abs(x - ave(x, y, FUN = %s)) ~ y))", centre))
  }
}

# Dependence on the regressors
regressors <- list(cars = "speed", mtcars = c("disp", "hp"),
                   longley = setdiff(names(longley), "Employed"))
for (about in names(regressors)) {
  file <- paste0(about, ".csv")
  x <- column(file, "residual")
  y <- column(file, regressors[[about]])
  frame <- data.frame(r = values_of(x), z = I(as.matrix(values_of(y))))
  for (studentised in c(TRUE, FALSE)) {
    # a regression of residuals on their own regressors keeps them as they are
    found <- lmtest::bptest(r ~ z, data = frame, studentize = studentised)
    oracle("breusch-pagan", paste0(about, if (studentised) "" else ", not studentised"), x, y,
           options = if (studentised) list() else list(studentised = FALSE),
           values = list(statistic = found$statistic, "details.p by chi2" = found$p.value),
           source = sprintf("lmtest::bptest(x ~ y, studentize = %s)", studentised))
  }
}

# Order
series <- list(huron = column("huron.csv", "level"), longley = column("longley.csv", "residual"),
               cars = column("cars.csv", "residual"))
for (about in names(series)) {
  x <- values_of(series[[about]])
  for (lags in c(1, 5)) {
    found <- Box.test(x, lag = lags, type = "Ljung-Box")
    oracle("ljung-box", sprintf("%s, lags %d", about, lags), series[[about]],
           options = list(lags = lags),
           values = list(statistic = found$statistic, "details.p by chi2" = upper_tail(found)),
           source = sprintf('stats::Box.test(x, lag = %d, type = "Ljung-Box"), p by pchisq', lags))
  }
  oracle("ljung-box", about, series[[about]],
         values = list(effect = acf(x, lag.max = 1, plot = FALSE)$acf[2]),
         source = "stats::acf(x, lag.max = 1)$acf[2]")
}
for (about in c("longley", "cars")) {
  x <- values_of(series[[about]])
  z <- as.matrix(values_of(column(paste0(about, ".csv"), regressors[[about]])))
  found <- lmtest::dwtest(x ~ z)
  oracle("durbin-watson", about, series[[about]], values = list(statistic = found$statistic),
         source = "lmtest::dwtest(x ~ regressors)$statistic")
  # Moran's mean and variance of r1 for normal noise
  n <- length(x)
  z <- (acf(x, lag.max = 1, plot = FALSE)$acf[2] + 1 / n) / ((n - 2) / (n * sqrt(n - 1)))
  oracle("durbin-watson", about, series[[about]], values = list(pvalue = 2 * pnorm(-abs(z))),
         source = "stats::pnorm of (r1 + 1 / n) / ((n - 2) / (n sqrt(n - 1))), r1 by acf")
}
