package config

import (
	"crypto/tls"
	"crypto/x509"
)

// TLS returns what the connection says about TLS in the words of crypto/tls, nil for
// no TLS. It reads the files; the error is an [*Error] with all that is wrong with
// them. [Load] has called it once, to find out.
func (c Connection) TLS() (*tls.Config, error) {
	if !c.SSL {
		return nil, nil
	}
	var problems []Problem
	wrong := func(key, message string) {
		problems = append(problems, Problem{"redis.connection." + key, message})
	}
	read := func(key, file string) []byte {
		data, err := readFile(file)
		if err != nil {
			wrong(key, err.Error())
			return nil
		}
		return data
	}
	result := &tls.Config{ServerName: c.SSLServerName, MinVersion: tls.VersionTLS12}
	if c.SSLCertfile != "" {
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
	if problems != nil {
		return nil, &Error{Problems: problems}
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
