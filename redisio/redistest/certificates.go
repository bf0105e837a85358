package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Certificates are an authority made for one test, and what it has signed: a
// certificate for a server at 127.0.0.1, also known as "redis.test", and one for a
// client. They are valid for an hour.
type Certificates struct {
	// The PEM files, in a temporary directory.
	CAFile, ServerCert, ServerKey, ClientCert, ClientKey string

	// Client trusts the authority and shows the certificate of the client.
	Client *tls.Config
}

// MakeCertificates makes new certificates. Those of one call are unknown to those
// of another.
func MakeCertificates(t testing.TB) *Certificates {
	t.Helper()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	authority := newCertificate(t, nil, &x509.Certificate{
		Subject: pkix.Name{CommonName: "test authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	server := newCertificate(t, authority, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "test server"},
		DNSNames:    []string{"redis.test"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		// Servers are clients of each other.
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	client := newCertificate(t, authority, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "test client"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	c := &Certificates{
		CAFile:     path("ca.crt"),
		ServerCert: path("server.crt"), ServerKey: path("server.key"),
		ClientCert: path("client.crt"), ClientKey: path("client.key"),
	}
	authority.write(t, c.CAFile, "")
	server.write(t, c.ServerCert, c.ServerKey)
	client.write(t, c.ClientCert, c.ClientKey)
	roots := x509.NewCertPool()
	roots.AddCert(authority.certificate)
	c.Client = &tls.Config{
		RootCAs: roots,
		Certificates: []tls.Certificate{{
			Certificate: [][]byte{client.certificate.Raw}, PrivateKey: client.key,
		}},
	}
	return c
}

// signed is a certificate with its key.
type signed struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// newCertificate makes the certificate that the template describes. Without an
// authority it signs itself.
func newCertificate(t testing.TB, authority *signed, template *x509.Certificate) *signed {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	if authority == nil {
		authority = &signed{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority.certificate, &key.PublicKey, authority.key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &signed{certificate, key}
}

// write writes the certificate to a file, and the key to another, if it is named.
func (s *signed) write(t testing.TB, certificateFile, keyFile string) {
	t.Helper()
	writePEM(t, certificateFile, "CERTIFICATE", s.certificate.Raw)
	if keyFile == "" {
		return
	}
	der, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, keyFile, "PRIVATE KEY", der)
}

func writePEM(t testing.TB, file, kind string, der []byte) {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
