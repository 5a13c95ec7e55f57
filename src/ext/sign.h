/*
 * Ed25519 signatures (RFC 8032, the pure kind, through OpenSSL's EVP).
 */
#ifndef TM_EXT_SIGN_H
#define TM_EXT_SIGN_H

#include "base/base.h"
#include "base/str.h"

enum { TM_SIGN_SECRET_LEN = 32, TM_SIGN_PUBLIC_LEN = 32, TM_SIGN_LEN = 64 };

/* The seed that RFC 8032 calls the private key. Whoever has one wipes it (base/secret.h). */
struct tm_sign_secret {
    unsigned char bytes[TM_SIGN_SECRET_LEN];
};
struct tm_sign_public {
    unsigned char bytes[TM_SIGN_PUBLIC_LEN];
};
struct tm_signature {
    unsigned char bytes[TM_SIGN_LEN];
};

/* Draws a secret from the library's generator. Aborts, as all of these, when the library cannot work. */
void tm_sign_generate(struct tm_sign_secret *secret);
struct tm_sign_public tm_sign_public_of(const struct tm_sign_secret *secret);

struct tm_signature tm_sign(const struct tm_sign_secret *secret, struct tm_str data);

/* False also when the public key is no point of the curve. */
bool tm_sign_verify(const struct tm_sign_public *key, struct tm_str data,
                    const struct tm_signature *signature) TM_CHECK;

#endif
