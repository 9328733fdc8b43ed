"""The figures: ratios of Tandem against named peers and limits, measured in one run. `make bench`."""
