// Command cmd prints levels.
package main

import (
	"fmt"

	"example.com/harbour/level"
)

func report(levels []int) string {
	return fmt.Sprint(level.Words(level.Greatest(levels...)))
}

func main() {
	fmt.Println(report([]int{120, 340}))
}
