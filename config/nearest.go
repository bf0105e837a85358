package config

import (
	"math"
	"strings"
)

// nearest returns the word most like s, or "" if none is like it: more than a third
// of the letters would have to change. A common beginning counts for a word, since
// people guess how a name ends rather than how it begins.
func nearest(s string, words []string) string {
	most := (len(s) + 2) / 3
	best, least := "", math.MaxInt
	for _, w := range words {
		if len(s)-len(w) > most { // spares the work for very long keys
			continue
		}
		a, b := strings.ToLower(s), strings.ToLower(w)
		n := distance(a, b)
		if score := 4*n - commonPrefix(a, b); n <= most && score < least {
			best, least = w, score
		}
	}
	return best
}

func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// distance is the least number of bytes to insert, delete or replace to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1) // distances from a[:i] to each b[:j]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
