package level

import "testing"

func TestWords(t *testing.T) {
	if Words(50) != "low" || Words(150) != "fair" {
		t.Fatal("words")
	}
	empty()
}

func TestGreatest(t *testing.T) {
	if Greatest(1, 3, 2) != 3 {
		t.Fatal("greatest")
	}
}
