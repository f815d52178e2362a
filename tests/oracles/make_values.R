# Makes data/*.csv and values.json anew; README.md says which packages it needs.
# Run it in this folder: Rscript make_values.R

suppressPackageStartupMessages({
  library(coin)
  library(jsonlite)
  library(mvtnorm)
  library(pROC)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection") # the same draws in every release of R

source("r/record.R")
source("r/data.R")
for (group in c("two_sample", "counts", "multivariate", "paired", "scores", "calibration",
                "residuals", "equivalence", "multiplicity", "power", "sequential")) {
  source(file.path("r", paste0(group, ".R")))
}
write_oracles("values.json")
