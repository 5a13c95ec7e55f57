#include "catalog/scan.h"

const struct tm_generated *const tm_scan_files[TM_SCAN_FILES] = {
    &tm_registry_file,
    &tm_docmap_file,
    &tm_module_index_file,
};

enum tm_code tm_scan_write(const struct tm_repo *repo, const struct tm_catalog *catalog, size_t *changed,
                           struct tm_err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < TM_SCAN_FILES; i++) {
        bool one = false;
        enum tm_code code = tm_generated_write(tm_scan_files[i], repo, catalog, &one, err);

        if (code)
            return code;
        n += one;
    }
    if (changed)
        *changed = n;
    return TM_OK;
}

void tm_scan_left_out(const struct tm_catalog *catalog, struct tm_scan_left_out out[TM_SCAN_REASONS])
{
    const struct tm_files *files = &catalog->files;
    const struct tm_scan_left_out all[TM_SCAN_REASONS] = {
        { "ignored_folders", "folder git ignores", "folders git ignores", files->ignored_dirs },
        { "excluded_files", "file the settings exclude", "files the settings exclude", files->excluded },
        { "missing_files", "tracked file gone from the work tree", "tracked files gone from the work tree",
          files->missing },
        { "submodules", "submodule", "submodules", files->submodules },
        { "own_files", "file tidemark writes", "files tidemark writes", catalog->own_files },
        { "template_files", "template", "templates", catalog->template_files },
        { "left_manifests", "manifest among these", "manifests among these", catalog->left_manifests },
        { "links", "symbolic link", "symbolic links", catalog->links },
        { "refused_files", "file below a refused manifest", "files below refused manifests",
          catalog->refused_files },
        { "outside_files", "file outside every module", "files outside every module",
          catalog->outside_files },
    };

    memcpy(out, all, sizeof(all));
}
