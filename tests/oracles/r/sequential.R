# Boundaries of Lan & DeMets by the joint normal distribution of the looks' z, without a recursion
spent <- function(t, alpha, spending) {
  if (spending == "pocock") alpha * log(1 + (exp(1) - 1) * t) else 4 * pnorm(-qnorm(1 - alpha / 4) / sqrt(t))
}
stay <- function(limits, t) {
  if (length(limits) == 1) return(1 - 2 * pnorm(-limits))
  correlation <- sqrt(outer(t, t, pmin) / outer(t, t, pmax))
  as.numeric(pmvnorm(-limits, limits, corr = correlation, algorithm = Miwa(steps = 2048)))
}
boundaries_of <- function(t, alpha, spending) {
  limits <- numeric()
  for (k in seq_along(t)) {
    lacking <- function(z) {
      1 - stay(c(limits, z), t[1:k]) - spent(t[k], alpha, spending)
    }
    limits[k] <- uniroot(lacking, c(1, 8), tol = 1e-11)$root
  }
  limits
}

t <- (1:5) / 5
x <- column("arrivals.csv", "pattern")
for (spending in c("obrien-fleming", "pocock")) {
  limits <- boundaries_of(t, 0.05, spending)
  for (name in c("first", "second", "third", "fifth", "never")) {
    y <- column("arrivals.csv", name)
    z <- sapply(1:5, function(k) {
      found <- t.test(values_of(x)[1:(20 * k)], values_of(y)[1:(20 * k)])
      sign(found$statistic) * qnorm(found$p.value / 2, lower.tail = FALSE)
    })
    look <- match(TRUE, abs(z) >= limits, nomatch = 5)
    oracle("lan-demets", paste(spending, name, sep = ", "), x, y,
           options = list(looks = 5, spending = spending),
           values = list(statistic = z[look], details.look = look, details.boundary = limits[look],
                         pvalue = 1 - stay(c(limits[seq_len(look - 1)], abs(z[look])), t[1:look])),
           source = "mvtnorm::pmvnorm(-limits, limits, corr, Miwa(2048)), z from t.test's p")
  }
}

# The normal mixture, a loop over the times
for (name in c("second", "fifth", "never")) {
  y <- column("arrivals.csv", name)
  a <- values_of(x)
  b <- values_of(y)
  doubled <- -2 * log(0.05)
  rho2 <- (doubled + log(doubled + 1)) / 1000
  evidence <- sapply(30:100, function(k) {
    i <- k / 2
    d2 <- (mean(a[1:k]) - mean(b[1:k]))^2
    v <- var(a[1:k]) / k + var(b[1:k]) / k
    exp(d2 / v * i * rho2 / (1 + i * rho2) / 2) / sqrt(1 + i * rho2)
  })
  oracle("always-valid", name, x, y,
         values = list(statistic = log(max(evidence)), pvalue = min(1, 1 / max(evidence))),
         source = "the mixture of Robbins (1970) in base R, a loop over the times")
}
