package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"

	"github.com/step-its/producer/config"
)

// tlsConfig says what the configuration says about TLS in the words of crypto/tls,
// and loads the files. Nil means no TLS.
func tlsConfig(c config.Connection) (*tls.Config, error) {
	if !c.SSL {
		return nil, nil
	}
	result := &tls.Config{ServerName: c.SSLServerName, MinVersion: tls.VersionTLS12}
	if c.SSLCACerts != "" {
		pem, err := os.ReadFile(c.SSLCACerts)
		if err != nil {
			return nil, tlsProblem("sslCaCerts", err.Error())
		}
		result.RootCAs = x509.NewCertPool()
		if !result.RootCAs.AppendCertsFromPEM(pem) {
			return nil, tlsProblem("sslCaCerts", c.SSLCACerts+" holds no certificate in PEM form")
		}
	}
	if c.SSLCertfile != "" {
		certificate, err := os.ReadFile(c.SSLCertfile)
		if err != nil {
			return nil, tlsProblem("sslCertfile", err.Error())
		}
		key, err := os.ReadFile(c.SSLKeyfile)
		if err != nil {
			return nil, tlsProblem("sslKeyfile", err.Error())
		}
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			return nil, tlsProblem("sslCertfile", c.SSLCertfile+" and "+c.SSLKeyfile+" make no pair: "+err.Error())
		}
		result.Certificates = []tls.Certificate{pair}
	}
	switch {
	case c.SSLCertReqs == "none":
		result.InsecureSkipVerify = true
	case !c.SSLCheckHostname:
		// Go checks the name and the rest together, so the rest is done here.
		result.InsecureSkipVerify = true
		result.VerifyConnection = func(state tls.ConnectionState) error {
			return verifyChain(state.PeerCertificates, result.RootCAs)
		}
	}
	return result, nil
}

func tlsProblem(key, message string) error {
	return &config.Error{Problems: []config.Problem{{Path: "redis.connection." + key, Message: message}}}
}

// verifyChain checks everything about the certificates but the name.
func verifyChain(chain []*x509.Certificate, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err}
	}
	return nil
}
