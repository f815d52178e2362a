# pROC must not turn labels or scores round by itself: 1 is the case, higher scores speak for it.
roc_of <- function(labels, scores) {
  roc(values_of(labels), values_of(scores), levels = c(0, 1), direction = "<", quiet = TRUE)
}

for (case in list(list("scored", column("scored.csv", "label"), column("scored.csv", "score")),
                  list("s100b", column("haemorrhage.csv", "poor"), column("haemorrhage.csv", "s100b")),
                  list("wfns", column("haemorrhage.csv", "poor"), column("haemorrhage.csv", "wfns")))) {
  found <- roc_of(case[[2]], case[[3]])
  error <- sqrt(var(found, method = "delong"))
  area <- as.numeric(auc(found))
  oracle("delong", case[[1]], case[[2]], case[[3]],
         values = list(effect = area, details.error = error, statistic = (area - 0.5) / error,
                       pvalue = 2 * pnorm(-abs(area - 0.5) / error)),
         source = "pROC::auc and pROC::var(roc, method = \"delong\")")
}

for (case in list(list("score against other", "scored.csv", "label", "score", "other"),
                  list("s100b against ndka", "haemorrhage.csv", "poor", "s100b", "ndka"),
                  list("wfns against s100b", "haemorrhage.csv", "poor", "wfns", "s100b"))) {
  labels <- column(case[[2]], case[[3]])
  found <- roc.test(roc_of(labels, column(case[[2]], case[[4]])),
                    roc_of(labels, column(case[[2]], case[[5]])), method = "delong", paired = TRUE)
  oracle("delong", case[[1]], labels, column(case[[2]], case[[4]], case[[5]]),
         values = list(statistic = found$statistic, pvalue = found$p.value,
                       effect = found$estimate[1] - found$estimate[2],
                       interval.low = found$conf.int[1], interval.high = found$conf.int[2]),
         source = "pROC::roc.test(roc1, roc2, method = \"delong\", paired = TRUE)")
}
