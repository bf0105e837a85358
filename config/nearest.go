package config

import "strings"

// nearest returns the word most like s, or "" if none is like it: more than a third
// of the letters would have to change.
func nearest(s string, words []string) string {
	best, least := "", (len(s)+2)/3+1
	for _, w := range words {
		if len(s)-len(w) >= least { // spares the work for very long keys
			continue
		}
		if n := distance(strings.ToLower(s), strings.ToLower(w)); n < least {
			best, least = w, n
		}
	}
	return best
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
