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

approval <- rbind(c(794, 86), c(150, 570)) # Agresti (1990), p. 350, as in ?mcnemar.test
for (corrected in c(FALSE, TRUE)) {
  found <- mcnemar.test(approval, correct = corrected)
  oracle("mcnemar", if (corrected) "approval, corrected" else "approval", counts(approval),
         options = list(correction = corrected),
         values = list(statistic = found$statistic, pvalue = found$p.value),
         source = "stats::mcnemar.test(x)")
}
few <- rbind(c(40, 4), c(15, 31))
oracle("mcnemar", "few that disagree", counts(few),
       values = list(pvalue = binom.test(4, 19)$p.value), source = "stats::binom.test(4, 19)")

found <- wilcox.test(values_of(before), values_of(after), paired = TRUE, exact = TRUE)
oracle("wilcoxon", "depression", before, after,
       values = list(pvalue = found$p.value),
       source = "stats::wilcox.test(x, y, paired = TRUE, exact = TRUE)")
