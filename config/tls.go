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
	if !c.SSL {
		return nil, nil
	}
	result, found := c.loadTLS()
	if found.wrong == nil {
		return result, nil
	}
	e := &Error{}
	for i, f := range found.wrong {
		e.Problems = append(e.Problems, Problem{pathText(f.at), f.message})
		e.cause = cmp.Or(e.cause, found.causes[i])
	}
	return nil, e
}

// loadTLS reads all files, and returns what is wrong with them. Whether TLS is wanted does
// not matter to it.
func (c Connection) loadTLS() (result *tls.Config, found inFiles) {
	wrong := func(key jsontext.Pointer, message string, cause error) {
		found.add(connectionAt+"/"+key, message, cause)
	}
	read := func(key jsontext.Pointer, file string) []byte {
		if file == "" {
			return nil
		}
		data, err := readFile(file)
		if err != nil {
			wrong(key, fileProblem(err), err)
			return nil
		}
		return data
	}
	result = &tls.Config{ServerName: c.SSLServerName, MinVersion: tls.VersionTLS12}
	key, certificate := read("sslKeyfile", c.SSLKeyfile), read("sslCertfile", c.SSLCertfile)
	for _, f := range c.pairConflicts() {
		if !concerns(found.wrong, f.at) {
			found.add(f.at, f.message, nil)
		}
	}
	if key != nil && certificate != nil {
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			wrong("sslCertfile", cited(c.SSLCertfile)+" and "+cited(c.SSLKeyfile)+" make no pair: "+err.Error(), nil)
		}
		result.Certificates = []tls.Certificate{pair}
	}
	if c.SSLCACerts != "" {
		if pem := read("sslCaCerts", c.SSLCACerts); pem != nil {
			result.RootCAs = x509.NewCertPool()
			if !result.RootCAs.AppendCertsFromPEM(pem) {
				wrong("sslCaCerts", cited(c.SSLCACerts)+" holds no certificate in PEM form", nil)
			}
		}
	}
	if found.wrong != nil {
		return nil, found
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
	return result, found
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
