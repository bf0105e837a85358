package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/logging"
)

// demoConfig is what the demonstration works with when no file is given.
func demoConfig() config.Config {
	cfg := config.Default()
	cfg.InstanceName = "demo"
	cfg.StationID = 3000001
	return cfg
}

// demo runs the whole producer on recorded traffic. A player takes the part of
// the crash prediction and writes to the first input stream; a viewer takes the
// part of the client and reads the first output stream. Between them lies
// nothing but the producer.
func demo(ctx context.Context, cfg config.Config, server server, cancelOnExit bool, stdout, stderr io.Writer) error {
	log, err := logging.New(logging.Options{
		Handlers: []logging.Handler{logging.Stream{Writer: stderr, Level: slog.LevelWarn}},
	})
	if err != nil {
		return err
	}
	defer log.Close()
	client, err := demoClient(cfg, server)
	if err != nil {
		return err
	}
	defer client.Close()
	viewer, err := newViewer(ctx, client, cfg.Redis.Streams.Outputs[0], stdout)
	if err != nil {
		return ended(ctx, err)
	}
	player, err := newPlayer(client, cfg.Redis.Streams.Inputs[0])
	if err != nil {
		return err
	}

	// Whoever fails first ends the others.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	for _, part := range []func(context.Context) error{
		func(ctx context.Context) error { return work(ctx, cfg, server, cancelOnExit, log.Logger()) },
		player.run,
		viewer.run,
	} {
		parts.Go(func() {
			if err := part(ctx); err != nil {
				cancel(err)
			}
		})
	}
	parts.Wait()
	viewer.summary()
	return ended(ctx, context.Cause(ctx))
}

// ended returns nil for an end that was asked for.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		if ctx.Err() != nil {
			return nil
		}
	}
	return err
}

// demoClient is the connection of the player and the viewer.
func demoClient(cfg config.Config, server server) (rueidis.Client, error) {
	connection := cfg.Redis.Connection
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress:       []string{server.address},
		Username:          connection.Username,
		Password:          connection.Password.Reveal(),
		SelectDB:          connection.DB,
		AlwaysRESP2:       server.embedded(),
		DisableCache:      true,
		ForceSingleClient: true,
	})
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", server.address, err)
	}
	return client, nil
}
