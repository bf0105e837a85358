package monitor

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Serve answers on the listener, and polls the server of the streams, until ctx ends. It
// closes the listener.
func (m *Monitor) Serve(ctx context.Context, listener net.Listener, profiles bool, log *slog.Logger) {
	server := &http.Server{
		Handler:           forThisMachine(listener, m.Handler(profiles)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       10 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { m.Run(ctx, log) })
	parts.Go(func() {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(ending) != nil {
			_ = server.Close()
		}
	})
	if err := server.Serve(newBounded(listener)); !errors.Is(err, http.ErrServerClosed) {
		log.Error("metrics and health are not served any more", "error", err)
	}
}
