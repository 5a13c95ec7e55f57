/*
 * Any bytes as a proof. What must hold: a proof that is accepted has exactly the spelling it was read from,
 * is within the limits, and is judged without reading past it.
 */
#include "fuzz.h"
#include "ledger/proof.h"

static void check_tree(const struct tm_proof_tree *tree)
{
    FUZZ_CHECK(tree->size >= 1 && tree->size <= TM_LEDGER_NUMBER_MAX);
    FUZZ_CHECK(tree->old_size <= TM_LEDGER_NUMBER_MAX);
    FUZZ_CHECK(tree->n_hashes <= TM_MERKLE_PROOF_MAX);
    FUZZ_CHECK(tm_str_is_hex(tree->log, TM_LEDGER_LOG_HEX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) spelled = TM_BUF_INIT;
    struct tm_str text = tm_str_n((const char *)data, size);
    struct tm_proof_roots any = { NULL, 0 };
    struct tm_proof proof;
    enum tm_code code;

    if (tm_proof_parse(&proof, &arena, "proof", text, &err)) {
        FUZZ_CHECK(err.msg);
        return 0;
    }
    FUZZ_CHECK(proof.n_trees >= 1 && proof.n_trees <= TM_PROOF_TREES_MAX);
    for (size_t i = 0; i < proof.n_trees; i++)
        check_tree(&proof.trees[i]);
    tm_proof_spell(&proof, &spelled);
    FUZZ_CHECK(tm_str_eq(tm_buf_str(&spelled), text));
    code = tm_proof_check(&proof, any, any, &err);
    FUZZ_CHECK(code == TM_OK || (code == TM_E_NO && err.msg));
    return 0;
}
