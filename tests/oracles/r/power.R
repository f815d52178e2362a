# Only the numbers of rows enter the power of means; x and y are any values of these lengths.
rows <- function(n) numbers(seq_len(n) %% 2)
for (n in c(20, 64, 393)) {
  found <- power.t.test(n = n, power = 0.8, strict = TRUE, tol = 1e-12)
  oracle("two-sample-power", sprintf("%d rows each", n), rows(n), rows(n),
         values = list(statistic = found$delta),
         source = sprintf("stats::power.t.test(n = %d, power = 0.8, strict = TRUE, tol = 1e-12)", n))
}
for (effect in c(0.2, 0.5, 1)) {
  found <- power.t.test(n = 20, delta = effect, strict = TRUE)$power
  needed <- ceiling(power.t.test(power = 0.8, delta = effect, strict = TRUE, tol = 1e-12)$n)
  oracle("two-sample-power", sprintf("20 rows each, effect %g", effect), rows(20), rows(20),
         options = list(effect = effect),
         values = list("details.power at effect" = found, "details.needed n" = needed),
         source = sprintf("stats::power.t.test(delta = %g, strict = TRUE)", effect))
}
# Shares: the share of x is 1/2 here; up and down are alike
for (n in c(50, 400)) {
  found <- power.prop.test(n = n, p1 = 0.5, power = 0.8, strict = TRUE, tol = 1e-12)
  oracle("proportion-power", sprintf("%d rows each", n), rows(n), rows(n),
         values = list(statistic = found$p2 - 0.5),
         source = sprintf("stats::power.prop.test(n = %d, p1 = 0.5, power = 0.8, strict = TRUE)", n))
}
for (effect in c(0.05, 0.25)) {
  found <- power.prop.test(p1 = 0.5, p2 = 0.5 + effect, power = 0.8, strict = TRUE, tol = 1e-12)
  oracle("proportion-power", sprintf("effect %g", effect), rows(50), rows(50),
         options = list(effect = effect), values = list("details.needed n" = ceiling(found$n)),
         source = sprintf("stats::power.prop.test(p1 = 0.5, p2 = %g, power = 0.8)", 0.5 + effect))
}
