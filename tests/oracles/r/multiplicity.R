infarction <- column("infarction.csv", "p")
procedures <- c(holm = "holm", "benjamini-hochberg" = "BH", "benjamini-yekutieli" = "BY")
for (test in names(procedures)) {
  adjusted <- p.adjust(values_of(infarction), procedures[[test]])
  values <- list(pvalue = min(adjusted), adjusted[4], adjusted[9])
  names(values)[2:3] <- sprintf("details.adjusted p %02d", c(4, 9))
  oracle(test, "infarction", infarction, values = values,
         source = sprintf('stats::p.adjust(x, "%s")', procedures[[test]]))
}
