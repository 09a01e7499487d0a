// OpenSSL 3 for Swift: its function-like macros, variadic functions and shifted option bits as inline functions.
#ifndef HOSTFENCE_COPENSSL_SHIM_H
#define HOSTFENCE_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// MARK: - SSL_CTX

/// The lowest protocol version `context` speaks; 1 on success.
static inline int hostfence_ssl_ctx_set_min_version(SSL_CTX *_Nonnull context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}

/// The highest protocol version `context` speaks; 0 means the highest there is. 1 on success.
static inline int hostfence_ssl_ctx_set_max_version(SSL_CTX *_Nonnull context, int version) {
  return SSL_CTX_set_max_proto_version(context, version);
}

/// Gives the record buffers back while a connection is idle, about 34 kB of it.
static inline void hostfence_ssl_ctx_release_idle_buffers(SSL_CTX *_Nonnull context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

/// No compression (CRIME) and no renegotiation (a client could have the server repeat the costly part at will).
static inline void hostfence_ssl_ctx_forbid_compression_and_renegotiation(SSL_CTX *_Nonnull context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

/// No session cache, no session tickets: each connection makes a full handshake.
static inline void hostfence_ssl_ctx_forbid_resumption(SSL_CTX *_Nonnull context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

/// The most bytes of certificates a peer may send.
static inline void hostfence_ssl_ctx_set_peer_certificate_bytes_max(SSL_CTX *_Nonnull context, long bytes) {
  SSL_CTX_set_max_cert_list(context, bytes);
}

/// Answers OpenSSL's question for a password with "there is none"; the default would ask on the terminal.
static inline int hostfence_no_password(char *_Nonnull buffer, int size, int writing, void *_Nullable context) {
  (void)buffer; (void)size; (void)writing; (void)context;
  return -1;
}

/// Has an encrypted private key fail at once instead of asking for its password on the terminal.
static inline void hostfence_ssl_ctx_forbid_password_prompt(SSL_CTX *_Nonnull context) {
  SSL_CTX_set_default_passwd_cb(context, hostfence_no_password);
}

// MARK: - ALPN

/// The one protocol spoken here, as ALPN writes it: a length byte, then the name.
static const unsigned char hostfence_alpn_http_1_1[9] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// ALPN selection: http/1.1 where it is offered, else the alert no_application_protocol. Not called without an offer.
static inline int hostfence_select_http_1_1(
    SSL *_Nonnull connection, const unsigned char *_Nullable *_Nonnull selected, unsigned char *_Nonnull selected_length,
    const unsigned char *_Nonnull offered, unsigned int offered_length, void *_Nullable context) {
  (void)connection; (void)context;
  unsigned char *found = NULL;
  int outcome = SSL_select_next_proto(&found, selected_length, hostfence_alpn_http_1_1,
                                      sizeof hostfence_alpn_http_1_1, offered, offered_length);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *selected = found;
  return SSL_TLSEXT_ERR_OK;
}

/// Has a server select http/1.1 and refuse clients that offer only other protocols.
static inline void hostfence_ssl_ctx_select_http_1_1(SSL_CTX *_Nonnull context) {
  SSL_CTX_set_alpn_select_cb(context, hostfence_select_http_1_1, NULL);
}

/// Has a client offer http/1.1; 0 (sic) on success.
static inline int hostfence_ssl_ctx_offer_http_1_1(SSL_CTX *_Nonnull context) {
  return SSL_CTX_set_alpn_protos(context, hostfence_alpn_http_1_1, sizeof hostfence_alpn_http_1_1);
}

// MARK: - SSL

/// Names the wanted host in the ClientHello (SNI); 1 on success.
static inline long hostfence_ssl_set_server_name(SSL *_Nonnull connection, const char *_Nonnull name) {
  return SSL_set_tlsext_host_name(connection, name);
}

// MARK: - BIO

/// Says that a read found nothing yet: the caller sees WANT_READ, no end of input.
static inline void hostfence_bio_set_retry_read(BIO *_Nonnull bio) { BIO_set_retry_read(bio); }

/// Forgets what the previous call of this BIO said about trying again.
static inline void hostfence_bio_clear_retry(BIO *_Nonnull bio) { BIO_clear_retry_flags(bio); }

/// The bytes a memory BIO holds; `bytes` stays valid until the BIO changes. Returns their count.
static inline long hostfence_bio_get_mem_data(BIO *_Nonnull bio, char *_Nullable *_Nonnull bytes) {
  return BIO_get_mem_data(bio, bytes);
}

// MARK: - Keys and certificates

/// A new ECDSA key on the curve P-256, owned by the caller; null on failure.
static inline EVP_PKEY *_Nullable hostfence_new_p256_key(void) {
  return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

/// Adds extension `nid` to `certificate`, `value` in the syntax of x509v3_config(5) without sections; 1 on success.
///
/// `issuer` gives the authority key identifier and is `certificate` itself when that is self-signed.
static inline int hostfence_x509_add_extension(
    X509 *_Nonnull certificate, X509 *_Nonnull issuer, int nid, const char *_Nonnull value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  if (extension == NULL) return 0;
  int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return added;
}

#endif
