package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"time"
)

// web is the page. Nothing is built: the browser gets the files as they are here.
//
//go:embed web
var web embed.FS

// site is what the browser gets.
type site struct {
	hub                *hub
	source             string // where the DENMs come from, for people
	streets            []street
	tiles, attribution string
}

// settings are what the page asks for first.
type settings struct {
	Source      string   `json:"source"`
	Streets     []street `json:"streets"`
	Tiles       string   `json:"tiles"`
	Attribution string   `json:"attribution"`
}

// serve serves the page until ctx ends, and then lets go of all pages. It closes the
// listener.
func (s *site) serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.handler(isLoopback(listener.Addr())),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      writeTimeout, // a stream of events sets it anew with every write
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		s.hub.close()
		// A browser keeps connections open for requests that it may have, and those are
		// not waited for for long.
		limit, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(limit) == nil {
			stopped <- nil
			return
		}
		stopped <- server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func (s *site) handler(local bool) http.Handler {
	root, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events", s.hub.stream)
	mux.HandleFunc("GET /settings.json", s.settings)
	mux.Handle("GET /", unchanged(root, http.FileServerFS(root)))
	return s.guard(local, mux)
}

func (s *site) settings(w http.ResponseWriter, _ *http.Request) {
	set := settings{Source: s.source, Streets: s.streets, Tiles: s.tiles, Attribution: s.attribution}
	if set.Streets == nil {
		set.Streets = []street{} // an empty list for the page, and not null
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(set) // the browser is gone if it fails
}

// unchanged lets a browser ask whether a file is still the same, since embedded files
// have no time.
func unchanged(root fs.FS, files http.Handler) http.Handler {
	sum := sha256.New()
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, name)
		fmt.Fprintf(sum, "%s %d ", name, len(text))
		sum.Write(text)
		return err
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	tag := `"` + hex.EncodeToString(sum.Sum(nil)[:12]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" && strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r) // or else it would list the folder
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag)
		files.ServeHTTP(w, r)
	})
}
