#include "ext/sign.h"

#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

static EVP_PKEY *private_key(const struct tm_sign_secret *secret)
{
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret->bytes, sizeof(secret->bytes));

    if (!key)
        abort();
    return key;
}

void tm_sign_generate(struct tm_sign_secret *secret)
{
    /* A key that is not random would be worse than none. */
    if (RAND_priv_bytes(secret->bytes, sizeof(secret->bytes)) != 1)
        abort();
}

struct tm_sign_public tm_sign_public_of(const struct tm_sign_secret *secret)
{
    EVP_PKEY *key = private_key(secret);
    struct tm_sign_public public;
    size_t len = sizeof(public.bytes);

    if (EVP_PKEY_get_raw_public_key(key, public.bytes, &len) != 1 || len != sizeof(public.bytes))
        abort();
    EVP_PKEY_free(key);
    return public;
}

static EVP_MD_CTX *new_context(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (!ctx)
        abort();
    return ctx;
}

struct tm_signature tm_sign(const struct tm_sign_secret *secret, struct tm_str data)
{
    EVP_PKEY *key = private_key(secret);
    EVP_MD_CTX *ctx = new_context();
    struct tm_signature signature;
    size_t len = sizeof(signature.bytes);

    if (EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(ctx, signature.bytes, &len, (const unsigned char *)data.data, data.len) != 1 ||
        len != sizeof(signature.bytes))
        abort();
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return signature;
}

bool tm_sign_verify(const struct tm_sign_public *key, struct tm_str data,
                    const struct tm_signature *signature)
{
    EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, sizeof(key->bytes));
    EVP_MD_CTX *ctx = new_context();
    bool good = public && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public) == 1 &&
                EVP_DigestVerify(ctx, signature->bytes, sizeof(signature->bytes),
                                 (const unsigned char *)data.data, data.len) == 1;

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(public);
    return good;
}
