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

# Stuart (1955): unaided distance vision of 7,477 women, right eye by left eye, as in coin's ?mh_test
vision <- rbind(c(1520, 266, 124, 66), c(234, 1512, 432, 78), c(117, 362, 1772, 205),
                c(36, 82, 179, 492))
separate <- rbind(c(30, 15, 4), c(3, 22, 11), c(5, 2, 41))
for (case in list(list("vision", vision), list("three", separate))) {
  found <- mh_test(as.table(matrix(case[[2]], nrow(case[[2]]),
                                   dimnames = list(first = seq_len(nrow(case[[2]])),
                                                   second = seq_len(nrow(case[[2]]))))))
  oracle("stuart-maxwell", case[[1]], counts(case[[2]]),
         values = list(statistic = statistic(found), pvalue = pvalue(found)),
         source = "coin::mh_test(x)")
}

signs <- values_of(before) - values_of(after)
found <- binom.test(sum(signs > 0), sum(signs != 0))
oracle("sign", "depression", before, after,
       values = list(statistic = found$statistic, pvalue = found$p.value,
                     effect = found$estimate, interval.low = found$conf.int[1],
                     interval.high = found$conf.int[2]),
       source = "stats::binom.test(sum(d > 0), sum(d != 0))")

# 5x2cv: Dietterich (1998), eq. 5 on p. 1913, and Alpaydin (1999), eq. 3
folds <- list(column("folds.csv", "first_1", "first_2"), column("folds.csv", "second_1", "second_2"))
for (case in list(list("folds", folds[[1]], folds[[2]]), list("folds turned", folds[[2]], folds[[1]]))) {
  p <- values_of(case[[2]]) - values_of(case[[3]])
  s2 <- apply(p, 1, function(pair) sum((pair - mean(pair))^2))
  t <- p[1, 1] / sqrt(sum(s2) / 5)
  half <- qt(0.975, 5) * sqrt(sum(s2) / 5)
  oracle("5x2cv", case[[1]], case[[2]], case[[3]],
         values = list(statistic = t, pvalue = 2 * pt(-abs(t), 5), effect = mean(p),
                       interval.low = mean(p) - half, interval.high = mean(p) + half),
         source = "stats::pt of Dietterich's formula")
  f <- sum(p^2) / (2 * sum(s2))
  oracle("5x2cv-f", case[[1]], case[[2]], case[[3]],
         values = list(statistic = f, pvalue = pf(f, 10, 5, lower.tail = FALSE)),
         source = "stats::pf of Alpaydin's formula")
}
