package config

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"

	"github.com/go-json-experiment/json/jsontext"
)

// TLS returns what the connection says about TLS in the words of crypto/tls, nil for
// no TLS. It reads the files; the error is an [*Error] with all that is wrong with
// them. [Load] has called it once, to find out.
func (c Connection) TLS() (*tls.Config, error) {
	result, found, cause := c.loadTLS()
	if found == nil {
		return result, nil
	}
	e := &Error{cause: cause}
	for _, f := range found {
		e.Problems = append(e.Problems, Problem{pathText(f.at), f.message})
	}
	return nil, e
}

// loadTLS is TLS with what is wrong as findings. The cause is that of one of them.
func (c Connection) loadTLS() (result *tls.Config, found []finding, cause error) {
	if !c.SSL {
		return nil, nil, nil
	}
	wrong := func(key jsontext.Pointer, message string) {
		found = append(found, finding{connectionAt + "/" + key, message})
	}
	read := func(key jsontext.Pointer, file string) []byte {
		data, err := readFile(file)
		if err != nil {
			wrong(key, err.Error())
			cause = cmp.Or(cause, err)
			return nil
		}
		return data
	}
	result = &tls.Config{ServerName: c.SSLServerName, MinVersion: tls.VersionTLS12}
	found = c.pairConflicts()
	if found == nil && c.SSLCertfile != "" {
		key, certificate := read("sslKeyfile", c.SSLKeyfile), read("sslCertfile", c.SSLCertfile)
		if key != nil && certificate != nil {
			pair, err := tls.X509KeyPair(certificate, key)
			if err != nil {
				wrong("sslCertfile", c.SSLCertfile+" and "+c.SSLKeyfile+" make no pair: "+err.Error())
			}
			result.Certificates = []tls.Certificate{pair}
		}
	}
	if c.SSLCACerts != "" {
		if pem := read("sslCaCerts", c.SSLCACerts); pem != nil {
			result.RootCAs = x509.NewCertPool()
			if !result.RootCAs.AppendCertsFromPEM(pem) {
				wrong("sslCaCerts", c.SSLCACerts+" holds no certificate in PEM form")
			}
		}
	}
	if found != nil {
		return nil, found, cause
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
	return result, nil, nil
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
