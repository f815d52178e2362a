# rbind: one row a sample
party <- rbind(c(762, 327, 468), c(484, 239, 477)) # Agresti (2007), p. 39, as in ?chisq.test
tea <- rbind(c(3, 1), c(1, 3)) # Fisher (1935); Agresti (1990), p. 61, as in ?fisher.test
twins <- rbind(c(2, 15), c(10, 3)) # Fisher (1970): convictions of same-sex twins, as in ?fisher.test
job <- rbind(c(1, 2, 1, 0), c(3, 3, 6, 1), c(10, 10, 14, 9), c(6, 7, 12, 11)) # Agresti (2002), p. 57
admissions <- apply(UCBAdmissions, c(2, 1), sum)

tables <- list(party = party, twins = twins, admissions = admissions)
for (about in names(tables)) {
  found <- chisq.test(tables[[about]], correct = FALSE)
  oracle("chi2", about, counts(tables[[about]]),
         values = list(statistic = found$statistic, pvalue = found$p.value),
         source = "stats::chisq.test(x, correct = FALSE)")
}

for (about in c("twins", "tea")) {
  table <- list(twins = twins, tea = tea)[[about]]
  oracle("fisher", about, counts(table), values = list(pvalue = fisher.test(table)$p.value),
         source = "stats::fisher.test(x)")
}
