// Package uper encodes and decodes DENMs as ETSI defines them on the air.
package uper
