//go:build !unix

package logging

// openNoFollow is nothing where the system has no such flag: there a link is
// refused only if it is in place before the file is opened.
const openNoFollow = 0
