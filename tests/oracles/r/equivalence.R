first <- column("sleep.csv", "first")
second <- column("sleep.csv", "second")
normal <- column("drawn.csv", "value", rows = list(sample = "normal"))
shifted <- column("drawn.csv", "value", rows = list(sample = "shifted"))

for (case in list(list("sleep", first, second, 3), list("drawn", normal, shifted, 1))) {
  about <- case[[1]]
  x <- values_of(case[[2]])
  y <- values_of(case[[3]])
  margin <- case[[4]]
  above <- t.test(x, y, mu = -margin, alternative = "greater")
  below <- t.test(x, y, mu = margin, alternative = "less")
  harder <- if (above$p.value > below$p.value) above else below
  wide <- t.test(x, y, conf.level = 0.9)$conf.int
  oracle("tost", about, case[[2]], case[[3]], options = list(margin = margin),
         values = list(statistic = harder$statistic, pvalue = harder$p.value,
                       effect = mean(x) - mean(y), interval.low = wide[1], interval.high = wide[2]),
         source = "stats::t.test(x, y, mu = -+margin, alternative = greater, less), the larger p")
  oracle("non-inferiority", about, case[[2]], case[[3]], options = list(margin = margin),
         values = list(statistic = above$statistic, pvalue = above$p.value,
                       interval.low = t.test(x, y, alternative = "greater")$conf.int[1]),
         source = 'stats::t.test(x, y, mu = -margin, alternative = "greater")')
  oracle("non-inferiority", paste0(about, ", lower is better"), case[[2]], case[[3]],
         options = list(margin = margin, higher_is_better = FALSE),
         values = list(pvalue = below$p.value,
                       interval.high = t.test(x, y, alternative = "less")$conf.int[2]),
         source = 'stats::t.test(x, y, mu = margin, alternative = "less")')
}
