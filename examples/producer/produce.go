package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/denstore"
	"github.com/step-its/producer/examples/producer/monitor"
	"github.com/step-its/producer/logging"
	"github.com/step-its/producer/redisio"
)

// produce is the producer: it works until ctx ends.
func produce(ctx context.Context, o options, cfg config.Config, server server, stdout, stderr io.Writer) error {
	levels := make([]slog.LevelVar, len(cfg.Log.Handlers))
	setLevels(levels, cfg.Log)
	log, err := logging.New(loggingOptions(cfg, levels, stdout, stderr))
	if err != nil {
		return err
	}
	defer log.Close()
	defer onHangup(func() { o.hangup(log, levels, cfg.Log) })()
	return work(ctx, o, cfg, server, log)
}

// parts are the producer.
type parts struct {
	client  *redisio.Client
	store   *denstore.DenStore
	service *den.DenService
}

// wire puts the parts together. It connects to nothing.
func wire(o options, cfg config.Config, server server, hooks den.Hooks, log *slog.Logger) (*parts, error) {
	options := redisOptions(cfg, server)
	options.Logger = log
	client, err := redisio.Open(options)
	if err != nil {
		return nil, err
	}
	store := denstore.New(pairOrder(cfg))
	service, err := den.New(den.Config{
		StationID:          den.StationID(cfg.StationID),
		Store:              store,
		Publisher:          client.Publisher(),
		TimeAfterCollision: cfg.TimeAfterCollision.Duration(),
		LastUpdateMaxDelay: cfg.DENMLastUpdateMaxDelay.Duration(),
		CheckMaxInterval:   cfg.DENMCheckLastUpdateMaxInterval.Duration(),
		MaxClockSkew:       cfg.MaxClockSkew.Duration(),
		RepetitionInterval: cfg.DENMRepetitionInterval.Duration(),
		RepetitionDuration: cfg.DENMRepetitionDuration.Duration(),
		CancelOnNegation:   cfg.CancelOnNegation,
		RetryInterval:      cfg.ReconnectInterval.Duration(),
		CancelOnExit:       o.cancelOnExit,
		ShutdownTimeout:    cfg.ShutdownTimeout.Duration(),
		Hooks:              hooks,
		Logger:             log,
	})
	if err != nil {
		client.Close()
		return nil, err
	}
	return &parts{client, store, service}, nil
}

// work runs the producer. That ctx ended is no error.
func work(ctx context.Context, o options, cfg config.Config, server server, lines *logging.Log) error {
	log, watch := lines.Logger(), monitor.New()
	var hooks den.Hooks
	if o.http != "" {
		hooks = watch.Hooks()
	}
	p, err := wire(o, cfg, server, hooks, log)
	if err != nil {
		return err
	}
	client, service := p.client, p.service
	defer client.Close()
	if o.http != "" {
		watch.Watch(monitor.Sources{Version: version(), Service: service, Client: client, Records: p.store, Log: lines})
		stop, err := serve(ctx, o, watch, log)
		if err != nil {
			return err
		}
		defer stop()
	}
	if server.tls != nil && cfg.Redis.Connection.SSLCertReqs == "none" {
		log.Warn("the certificate of the server is not checked: anybody can play the server", "sslCertReqs", "none")
	}
	log.Info("started", "version", version(), "redis", server.describe(cfg), "user", cfg.Redis.Connection.Username, "station", cfg.StationID, "pid", os.Getpid())
	rating, stopRating := context.WithCancel(ctx)
	var rates sync.WaitGroup
	rates.Go(func() {
		logRates(rating, log, func() tally { return tally{service.Stats(), client.Stats()} })
	})
	err = service.Run(ctx, client.Subscriber())
	stopRating()
	rates.Wait()
	clean := ctx.Err() != nil && inOrder(err)
	level := slog.LevelInfo
	if !clean {
		level = slog.LevelError
	}
	log.Log(ctx, level, "stopped", "cause", err, counted("service", service.Stats()), counted("redis", client.Stats()))
	if clean {
		return nil
	}
	return err
}

// serve answers for the monitor until it is stopped.
func serve(ctx context.Context, o options, watch *monitor.Monitor, log *slog.Logger) (stop func(), err error) {
	listener, err := monitor.Listen(o.http)
	if err != nil {
		return nil, fmt.Errorf("-http: %w", err)
	}
	log.Info("serving metrics and health", "address", listener.Addr().String(), "pprof", o.pprof)
	// It goes on while the producer ends, to tell of that.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var serving sync.WaitGroup
	serving.Go(func() { watch.Serve(ctx, listener, o.pprof, log) })
	return func() {
		cancel()
		serving.Wait()
	}, nil
}

// inOrder reports whether Run has ended as it should when it is told to end. What
// it has not finished because another producer took over, that one finishes.
func inOrder(err error) bool {
	if errors.Is(err, den.ErrFenced) {
		return true
	}
	return !errors.Is(err, den.ErrPermanent) && !errors.Is(err, den.ErrShutdownTimeout)
}

func pairOrder(cfg config.Config) denstore.PairOrder {
	if cfg.PairOrder == config.PairOrderCanonical {
		return denstore.Canonical
	}
	return denstore.AsSent
}

// redisOptions says what the configuration says in the words of redisio.
func redisOptions(cfg config.Config, server server) redisio.Options {
	connection := cfg.Redis.Connection
	o := redisio.Options{
		Address:        server.address,
		TLS:            server.tls,
		Username:       connection.Username,
		Password:       connection.Password.Reveal(),
		DB:             connection.DB,
		Name:           cfg.InstanceName,
		ConnectTimeout: connection.SocketConnectTimeout.Duration(),
		Timeout:        connection.SocketTimeout.Duration(),
		// KeepAlive stays at 1 s whatever the file says: it is what notices a
		// connection that is dead without having been closed.
		MaxConnections: connection.MaxConnections,
		RESP2:          server.embedded(),
		DeadLetter: redisio.DeadLetter{
			Stream:    cfg.Redis.Streams.DeadLetter.StreamID,
			MaxLength: cfg.Redis.Streams.DeadLetter.MaxLength,
		},
		LeaseTime:     cfg.LeaseTime.Duration(),
		MaxDeliveries: cfg.Redis.Streams.DeadLetter.MaxDeliveries,
		Event:         den.Event{Source: "step_producer/" + cfg.InstanceName},
	}
	switch {
	case server.address != "":
	case connection.Mode == config.ModeSentinel:
		o.Sentinel = redisio.Sentinel{
			Addresses: connection.Nodes, MasterSet: connection.SentinelMasterSet,
			Username: connection.SentinelUsername, Password: connection.SentinelPassword.Reveal(),
			TLS: server.tls,
		}
	case connection.Mode == config.ModeCluster:
		o.Cluster = connection.Nodes
	}
	for _, in := range cfg.Redis.Streams.Inputs {
		o.Inputs = append(o.Inputs, redisio.InputStream{Stream: in.StreamID, Group: in.GroupID, StartID: in.StartID})
		if wait := in.WaitTimeout.Duration(); o.Block == 0 || wait < o.Block {
			o.Block = wait
		}
	}
	for _, out := range cfg.Redis.Streams.Outputs {
		o.Outputs = append(o.Outputs, redisio.OutputStream{
			Stream: out.StreamID, Group: out.GroupID, Field: out.Field,
			MaxLength: out.MaxLength, MaxAge: out.TTL.Duration(), Encoding: encodingOf(out),
		})
	}
	return o
}
