package main

import "testing"

func TestReport(t *testing.T) {
	if report([]int{120, 340}) != "high" {
		t.Fatal("report")
	}
}
