/*
 * tidemark: the quality baseline of a repository. One way in, one way out.
 *
 * The tree, from the bottom up; a header is the contract of the .c beside it:
 *
 *   base/      no third-party include
 *     alloc arena buf map str    memory and text
 *     err log term               what went wrong, and how a person is told
 *     path io clock              repository paths; durable files; time
 *     json json_skim             JSON: pull reader; where values end
 *     json_doc json_members      JSON: tree, and what must stand in it
 *     json_write json_edit       JSON: writer, lossless editor
 *     ratio base64               exact fractions, percentages; bytes as text
 *     secret                     files that only their owner may read
 *     parallel ahead             work for several threads; blocks read by a thread of its own
 *   ext/       the only files that include a third-party header
 *     git gzip hash sign         libgit2, zlib, libcrypto
 *     loop xml yaml              libuv, expat, libfyaml
 *   cli/       command and option tables, help, dispatcher
 *   repo/      the user's repository: files, index, ignore rules, settings, history
 *   catalog/   manifests, discovery, registry, documentation map and module index
 *   scaffold/  templates and the docs and tests made from them
 *   ledger/    append-only ledgers and the observations in them; how they merge; proofs, checkpoints
 *   coverage/  report model, one reader per format, attribution to modules
 *   bench/     benchmark reports, percentiles, environment fingerprint
 *   sweep/     collectors run over modules, reports taken in
 *   health/    health formula, meta-registry
 *   trend/     trend CSVs
 *   consistency/ silent edits: observed figures that changed without an entry
 *   freeze/    freeze and rollback
 *   runbook/   checkpoint, the runbook and its report, doctor
 *
 * Dependencies point down: *_cmd.c -> feature -> repo, ext -> base. Data flows one way:
 * files -> catalog -> (scaffold) -> sweep -> ledger -> health, trend -> freeze -> report.
 */
#include "cli/cmd.h"

int main(int argc, char **argv)
{
    return tm_cli_main(argc, argv);
}
