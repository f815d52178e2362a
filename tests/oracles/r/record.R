# How a value gets from R into values.json: what a test is called with is written down first and
# read back from there, so that R and Python cannot be given different data.

oracles <- list()

# One column, or several as a matrix, of a file in data/; ... keeps rows, as `sample = "x"`.
column <- function(file, ..., rows = list()) {
  columns <- c(...)
  input <- list(file = file)
  if (length(columns) == 1) input$column <- columns else input$columns <- I(columns)
  if (length(rows)) input$rows <- rows
  input
}
numbers <- function(...) list(numbers = I(c(...)))
counts <- function(table) list(numbers = unname(table))

values_of <- function(input) {
  if (!is.null(input$numbers)) {
    return(if (is.matrix(input$numbers)) input$numbers else as.numeric(input$numbers))
  }
  frame <- read.csv(file.path("data", input$file), stringsAsFactors = FALSE)
  for (name in names(input$rows)) frame <- frame[frame[[name]] == input$rows[[name]], ]
  if (!is.null(input[["column"]])) frame[[input$column]] else as.matrix(frame[unclass(input$columns)])
}

# One call of one test and the values it must answer with. `values` is named by where the value
# stands in our answer: statistic, pvalue, effect, interval.low, details.NAME.
oracle <- function(test, about, x, y = NULL, options = list(), values, source) {
  package <- if (grepl("^[A-Za-z]+::", source)) sub("::.*", "", source) else "base"
  made_by <- sprintf("%s (R %s, %s %s)", source, getRversion(), package,
                     if (package %in% c("base", "stats")) getRversion() else packageVersion(package))
  for (what in names(values)) {
    value <- as.numeric(values[[what]])
    stopifnot(length(value) == 1, is.finite(value))
    entry <- list(name = paste(test, about, what, sep = ": "), test = test, x = x)
    if (!is.null(y)) entry$y <- y
    if (length(options)) entry$options <- options
    entry <- c(entry, list(what = what, value = value, relative = 1e-6, source = made_by))
    oracles[[length(oracles) + 1]] <<- entry
  }
}

write_oracles <- function(path) {
  lines <- vapply(oracles, toJSON, "", auto_unbox = TRUE, digits = NA)
  stopifnot(!anyDuplicated(vapply(oracles, function(entry) entry$name, "")))
  writeLines(c("[", paste0(lines, c(rep(",", length(lines) - 1), "")), "]"), path)
  cat(length(lines), "values in", path, "\n")
}
