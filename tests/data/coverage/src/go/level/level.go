// Package level says how high the water is.
package level

// Words names a level in centimetres.
func Words(level int) string {
	switch {
	case level < 100:
		return "low"
	case level < 300:
		return "fair"
	}
	return "high"
}

// Greatest gives the greatest of some levels, and 0 of none.
func Greatest(levels ...int) (greatest int) {
	for _, l := range levels {
		if l > greatest { greatest = l }
	}

	// Nothing is below the chart's zero.
	if greatest < 0 {
		panic("cannot be")
	}
	return
}

func empty() {}

func unused() int { return 1 }
