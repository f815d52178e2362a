labels <- column("scored.csv", "label")

for (name in c("score", "other")) {
  told <- column("scored.csv", name)
  y <- values_of(labels)
  p <- values_of(told)

  found <- glm(y ~ qlogis(p), family = binomial, control = glm.control(1e-14, 100))
  slope <- coef(found)[2]
  # summary(found) has the weights of the last step but one: seven digits, too few for p at 1e-14
  design <- cbind(1, qlogis(p)) * sqrt(fitted(found) * (1 - fitted(found)))
  error <- sqrt(diag(solve(crossprod(design))))[2]
  right <- sum(dbinom(y, 1, p, log = TRUE))
  ratio <- 2 * (as.numeric(logLik(found)) - right)
  oracle("calibration-slope", name, labels, told,
         values = list(effect = slope, statistic = (slope - 1) / error,
                       pvalue = 2 * pnorm(-abs(slope - 1) / error),
                       interval.low = slope - qnorm(0.975) * error,
                       interval.high = slope + qnorm(0.975) * error,
                       details.intercept = coef(found)[1], details.error = error,
                       "details.likelihood ratio" = ratio,
                       "details.likelihood ratio p" = pchisq(ratio, 2, lower.tail = FALSE)),
         source = "stats::glm(y ~ qlogis(p), binomial)")

  for (count in c(5, 10)) {
    edges <- quantile(p, seq(0, 1, 1 / count))
    group <- cut(p, edges, include.lowest = TRUE)
    observed <- xtabs(cbind(1 - y, y) ~ group)
    expected <- xtabs(cbind(1 - p, p) ~ group)
    statistic <- sum((observed - expected)^2 / expected)
    oracle("hosmer-lemeshow", sprintf("%s in %d groups", name, count), labels, told,
           options = list(groups = count),
           values = list(statistic = statistic,
                         pvalue = pchisq(statistic, count, lower.tail = FALSE)),
           source = "stats::xtabs of cut(p, quantile(p, ...)), pchisq")
    oracle("hosmer-lemeshow", sprintf("%s in %d groups, fitted", name, count), labels, told,
           options = list(groups = count, fitted = TRUE),
           values = list(pvalue = pchisq(statistic, count - 2, lower.tail = FALSE)),
           source = "stats::xtabs of cut(p, quantile(p, ...)), pchisq")
  }

  for (count in c(5, 10)) {
    edges <- unique(quantile(p, seq_len(count - 1) / count))
    bin <- cut(p, c(-Inf, edges, Inf))
    residual <- y - p
    rows <- as.numeric(table(bin))
    gap <- as.numeric(tapply(residual, bin, mean))
    error <- sqrt(as.numeric(tapply(residual, bin, function(r) sum((r - mean(r))^2))) / rows^2 *
                  length(p) / (length(p) - 1))
    folded <- function(delta, e) { # the mean of |N(delta, e)|
      e * sqrt(2 / pi) * exp(-delta^2 / (2 * e^2)) + delta * (1 - 2 * pnorm(-delta / e))
    }
    freed <- mapply(function(size, e) {
      if (folded(0, e) >= size) return(0)
      uniroot(function(delta) folded(delta, e) - size, c(0, size), tol = 1e-14)$root
    }, abs(gap), error)
    seen <- residual * sign(gap)[as.integer(bin)]
    high <- sum(freed * rows) / length(p) + qnorm(0.975) * sd(seen) / sqrt(length(p))
    oracle("ece", sprintf("%s in %d bins", name, count), labels, told, options = list(bins = count),
           values = list(statistic = sum(abs(gap) * rows) / length(p),
                         effect = sum(freed * rows) / length(p), interval.high = high),
           source = "stats::tapply over cut(p, quantile(p, ...)), uniroot of the folded normal's mean")
  }
}
