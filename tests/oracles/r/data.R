# The data sets. What is printed in a paper is typed in here; the rest is R's or drawn by a seed.

write_data <- function(frame, file) {
  write.csv(frame, file.path("data", file), row.names = FALSE, quote = FALSE)
}
long <- function(..., sample = "sample", value = "value") {
  samples <- list(...)
  frame <- data.frame(rep(names(samples), lengths(samples)), unlist(samples, use.names = FALSE))
  setNames(frame, c(sample, value))
}

# Scholz & Stephens (1987), JASA 82: smoothness of paper by four laboratories (Lehmann 1975, p. 309)
write_data(long(
  A = c(38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0),
  B = c(39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8),
  C = c(34.0, 35.0, 39.0, 40.0, 43.0, 43.0, 44.0, 45.0),
  D = c(34.0, 34.8, 34.8, 35.4, 37.2, 37.8, 41.2, 42.8),
  sample = "laboratory", value = "smoothness"
), "laboratories.csv")

# Shapiro & Wilk (1965), Biometrika 52, example 1: weights of 11 men in pounds (Snedecor 1946)
write_data(
  data.frame(weight = c(148, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236)), "weights.csv"
)

# Benjamini & Hochberg (1995), JRSS B 57, section 4.1: treatments after myocardial infarction
write_data(data.frame(p = c(
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
  0.6528, 0.7590, 1.0000
)), "infarction.csv")

# NIST, GEAR.DAT (e-Handbook of Statistical Methods, 1.3.5.10): diameters of gears in 10 batches
write_data(data.frame(batch = rep(1:10, each = 10), diameter = c(
  1.006, 0.996, 0.998, 1.000, 0.992, 0.993, 1.002, 0.999, 0.994, 1.000,
  0.998, 1.006, 1.000, 1.002, 0.997, 0.998, 0.996, 1.000, 1.006, 0.988,
  0.991, 0.987, 0.997, 0.999, 0.995, 0.994, 1.000, 0.999, 0.996, 0.996,
  1.005, 1.002, 0.994, 1.000, 0.995, 0.994, 0.998, 0.996, 1.002, 0.996,
  0.998, 0.998, 0.982, 0.990, 1.002, 0.984, 0.996, 0.993, 0.980, 0.996,
  1.009, 1.013, 1.009, 0.997, 0.988, 1.002, 0.995, 0.998, 0.981, 0.996,
  0.990, 1.004, 0.996, 1.001, 0.998, 1.000, 1.018, 1.010, 0.996, 1.002,
  0.998, 1.000, 1.006, 1.000, 1.002, 0.996, 0.998, 0.996, 1.002, 1.006,
  1.002, 0.998, 0.996, 0.995, 0.996, 1.004, 1.004, 0.998, 0.999, 0.991,
  0.991, 0.995, 0.984, 0.994, 0.997, 0.997, 0.991, 0.998, 1.004, 0.997
)), "gears.csv")

# Brunner & Munzel (2000), Biometrical Journal 42 (Lumley 1996): pain scores after surgery
write_data(long(
  X = c(1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1), Y = c(3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4),
  sample = "treatment", value = "pain"
), "pain.csv")

# Goerg & Kaiser (2009), Stata Journal 9(3), p. 462: the two examples for Epps & Singleton (1986)
write_data(long(
  X = c(-0.35, 2.55, 1.73, 0.73, 0.35, 2.69, 0.46, -0.94, -0.37, 12.07),
  Y = c(-1.15, -0.15, 2.48, 3.25, 3.71, 4.29, 5.00, 7.74, 8.38, 8.60)
), "continuous.csv")
write_data(long(
  X = c(0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 5, 5, 5, 5, 6, 10, 10, 10, 10),
  Y = c(10, 4, 0, 5, 10, 10, 0, 5, 6, 7, 10, 3, 1, 7, 0, 8, 1, 5, 8, 10)
), "discrete.csv")

# Hollander & Wolfe (1973), p. 29 (depression, as in ?wilcox.test) and p. 69 (permeability)
write_data(data.frame(
  first = c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30),
  second = c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
), "depression.csv")
write_data(long(
  term = c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46),
  early = c(1.15, 0.88, 0.90, 0.74, 1.21), sample = "age", value = "permeability"
), "permeability.csv")

# From R's own data sets (package datasets)
write_data(data.frame(first = sleep$extra[1:10], second = sleep$extra[11:20]), "sleep.csv")
write_data(setNames(iris, c("sepal_length", "sepal_width", "petal_length", "petal_width", "species")),
           "iris.csv")
air <- airquality[complete.cases(airquality), ]
write_data(data.frame(ozone = air$Ozone, radiation = air$Solar.R, wind = air$Wind, temperature = air$Temp,
                      month = air$Month), "airquality.csv")
write_data(InsectSprays, "sprays.csv")
write_data(data.frame(level = as.numeric(LakeHuron)), "huron.csv")

# Turck et al. (2010), Intensive Care Medicine 36: subarachnoid haemorrhage, as pROC's aSAH
data(aSAH, package = "pROC")
write_data(data.frame(poor = as.integer(aSAH$outcome == "Poor"), s100b = aSAH$s100b, ndka = aSAH$ndka,
                      wfns = as.integer(aSAH$wfns)), "haemorrhage.csv")

# Residuals of least squares, to 12 digits: what the tests of residuals are given
residuals_of <- function(model, regressors, file) {
  write_data(data.frame(residual = signif(unname(resid(model)), 12), regressors), file)
}
residuals_of(lm(dist ~ speed, cars), data.frame(speed = cars$speed), "cars.csv")
residuals_of(lm(mpg ~ disp + hp, mtcars), mtcars[c("disp", "hp")], "mtcars.csv")
residuals_of(lm(Employed ~ ., longley), longley[names(longley) != "Employed"], "longley.csv")

# Drawn by a seed
set.seed(1933)
write_data(long(
  normal = signif(rnorm(40), 8), shifted = signif(rnorm(55, 0.5, 1.5), 8),
  skewed = signif(rexp(120), 8), heavy = signif(rt(90, 3), 8)
), "drawn.csv")
write_data(long(x = rpois(60, 3), y = rpois(80, 4)), "tied.csv")
score <- rbeta(400, 1.5, 2)
write_data(data.frame(
  label = rbinom(400, 1, plogis(1.4 * qlogis(score) + 0.2)), score = signif(score, 8),
  other = signif(plogis(qlogis(score) + rnorm(400, 0, 1.2)), 8),
  group = sample(c("a", "b"), 400, TRUE, c(0.7, 0.3))
), "scored.csv")

# For sequential tests: a pattern of mean 0, and the same one shifted so far that the first, second,
# third, fifth or no look of five sees it
pattern <- rep(c(-1, 0.5, 1, -0.5, 1.5, -1.5, 0.25, -0.25, 2, -2), 10)
write_data(data.frame(pattern, first = pattern + 2.3, second = rev(pattern) + 0.95,
                      third = rev(pattern) + 0.65, fifth = rev(pattern) + 0.36,
                      never = rev(pattern) + 0.05), "arrivals.csv")

# Accuracies of two classifiers in five times two folds, in steps of 1 / 150
folds <- matrix(rbinom(20, 150, rep(c(0.8, 0.74), each = 10)) / 150, 5)
write_data(setNames(data.frame(signif(folds, 12)),
                    c("first_1", "first_2", "second_1", "second_2")), "folds.csv")
