# E statistic of the three species by pairs: Szekely, Rizzo 2004, InterStat; R's own example
species <- function(name) {
  column("iris.csv", "sepal_length", "sepal_width", "petal_length", "petal_width",
         rows = list(species = name))
}
for (other in c("versicolor", "virginica")) {
  x <- values_of(species("setosa"))
  y <- values_of(species(other))
  found <- energy::eqdist.e(rbind(x, y), c(nrow(x), nrow(y)))
  oracle("energy-multivariate", paste("setosa and", other), species("setosa"), species(other),
         values = list(statistic = found), source = "energy::eqdist.e(rbind(x, y), sizes)")
}
