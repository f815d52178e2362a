drawn <- function(sample) column("drawn.csv", "value", rows = list(sample = sample))
permeability <- function(age) column("permeability.csv", "permeability", rows = list(age = age))
tied <- function(sample) column("tied.csv", "value", rows = list(sample = sample))
pain <- function(treatment) column("pain.csv", "pain", rows = list(treatment = treatment))
laboratory <- function(name) column("laboratories.csv", "smoothness", rows = list(laboratory = name))

pairs <- list(
  drawn = list(drawn("normal"), drawn("shifted")),
  skewed = list(drawn("skewed"), drawn("heavy")),
  laboratories = list(laboratory("A"), laboratory("D")),
  tied = list(tied("x"), tied("y"))
)

for (about in names(pairs)) {
  x <- values_of(pairs[[about]][[1]])
  y <- values_of(pairs[[about]][[2]])

  found <- t.test(x, y)
  oracle("welch", about, pairs[[about]][[1]], pairs[[about]][[2]],
         values = list(statistic = found$statistic, pvalue = found$p.value),
         source = "stats::t.test(x, y)")

  found <- ks.test(x, y, exact = TRUE)
  values <- list(statistic = found$statistic)
  if (found$p.value > 1e-10) values$pvalue <- found$p.value # below it R takes it from 1: no digits
  oracle("ks", about, pairs[[about]][[1]], pairs[[about]][[2]], values = values,
         source = "stats::ks.test(x, y, exact = TRUE)")

  if (about == "laboratories") next # small and tied: R has no exact p for it
  found <- wilcox.test(x, y, exact = FALSE, correct = TRUE)
  oracle("mann-whitney", about, pairs[[about]][[1]], pairs[[about]][[2]],
         values = list(statistic = found$statistic, pvalue = found$p.value),
         source = "stats::wilcox.test(x, y, correct = TRUE)")
}
