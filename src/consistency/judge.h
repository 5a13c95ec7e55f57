/*
 * One commit's changed manifests, judged. Private to the consistency room; the rules are in
 * docs/formats/consistency.md.
 */
#ifndef TM_CONSISTENCY_JUDGE_H
#define TM_CONSISTENCY_JUDGE_H

#include "consistency/manifest_changes.h"
#include "consistency/consistency.h"
#include "consistency/past.h"

struct tm_consistency_judge {
    struct tm_repo *repo;
    struct tm_objects *objects;
    struct tm_history *history;
    struct tm_past past;
    struct tm_consistency *result;
    int64_t tolerance_s;
    size_t cap_findings; /* of result->findings */
    struct tm_map paths; /* what is known of each path; in the result's arena */
    /* The commit that is looked at. */
    struct tm_history_commit *commit;
    const struct tm_git_id *trees; /* of its parents that are there */
    size_t n_parents;
    struct tm_gone_manifests *gone; /* for each parent; NULL while nobody asked */
    const struct tm_text_version *coverage, *bench;
};

void tm_consistency_judge_init(struct tm_consistency_judge *judge, struct tm_consistency *result,
                               struct tm_repo *repo, struct tm_objects *objects, struct tm_history *history);
void tm_consistency_judge_release(struct tm_consistency_judge *judge);

/*
 * Adds what a commit did to the result: counts, and findings in no order. Children must come before their
 * parents.
 */
enum tm_code tm_consistency_judge_commit(struct tm_consistency_judge *judge,
                                         const struct tm_commit_changes *changes, struct tm_err *err)
    TM_CHECK;

#endif
