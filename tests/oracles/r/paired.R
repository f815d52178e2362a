first <- column("sleep.csv", "first")
second <- column("sleep.csv", "second")
before <- column("depression.csv", "first")
after <- column("depression.csv", "second")

for (case in list(list("sleep", first, second), list("depression", before, after))) {
  found <- t.test(values_of(case[[2]]), values_of(case[[3]]), paired = TRUE)
  oracle("paired-t", case[[1]], case[[2]], case[[3]],
         values = list(statistic = found$statistic, pvalue = found$p.value,
                       effect = found$estimate, interval.low = found$conf.int[1],
                       interval.high = found$conf.int[2]),
         source = "stats::t.test(x, y, paired = TRUE)")
}
