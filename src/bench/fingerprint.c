#include "bench/fingerprint.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/io.h"
#include "ext/hash.h"

/* What stands first in these files is enough; /proc/cpuinfo repeats itself for each of hundreds of
 * processors. */
enum { HEAD = 16 << 10 };

static void read_head(const char *path, struct tm_buf *out)
{
    int TM_CLEANUP(tm_closep) fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;

    tm_buf_clear(out);
    while (fd >= 0 && n > 0 && out->len < HEAD) {
        n = read(fd, tm_buf_reserve(out, HEAD - out->len), HEAD - out->len);
        if (n > 0)
            out->len += (size_t)n;
    }
    tm_buf_addc(out, '\n');
}

/* Takes the next line of *rest apart at the first sep, both sides trimmed; false at the end. */
static bool next_pair(struct tm_str *rest, char sep, struct tm_str *key, struct tm_str *value)
{
    struct tm_str line;
    size_t at;

    if (!tm_str_split(rest, '\n', &line))
        return false;
    at = tm_str_find(line, sep);
    *key = tm_str_trim(tm_str_n(line.data, at == SIZE_MAX ? line.len : at));
    *value = at == SIZE_MAX ? TM_STR("") : tm_str_trim(tm_str_from(line, at + 1));
    return true;
}

/* Replaces out by text with every run of white space as one blank. */
static void set_words(struct tm_buf *out, struct tm_str text)
{
    bool gap = false;

    tm_buf_clear(out);
    for (size_t i = 0; i < text.len; i++) {
        bool space = text.data[i] == ' ' || (text.data[i] >= '\t' && text.data[i] <= '\r');

        if (gap && !space && out->len)
            tm_buf_addc(out, ' ');
        if (!space)
            tm_buf_addc(out, text.data[i]);
        gap = space;
    }
}

void tm_machine_read_cpuinfo(struct tm_machine *machine, struct tm_str text)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) arm = TM_BUF_INIT;
    struct tm_str key, value, implementer = TM_STR("");

    while (next_pair(&text, ':', &key, &value)) {
        if (tm_str_is(key, "model name") && value.len) {
            set_words(&machine->cpu, value);
            return;
        }
        if (tm_str_is(key, "CPU implementer") && implementer.len == 0)
            implementer = value;
        if (tm_str_is(key, "CPU part") && arm.len == 0 && implementer.len)
            tm_buf_addf(&arm, "implementer %.*s part %.*s", TM_STR_ARG(implementer), TM_STR_ARG(value));
    }
    if (arm.len)
        set_words(&machine->cpu, tm_buf_str(&arm));
}

void tm_machine_read_meminfo(struct tm_machine *machine, struct tm_str text)
{
    struct tm_str key, value, number;
    uint64_t kib;

    while (next_pair(&text, ':', &key, &value))
        if (tm_str_is(key, "MemTotal") && tm_str_split(&value, ' ', &number) && tm_str_u64(number, &kib))
            machine->memory_kib = kib;
}

/* os-release(5): values may stand in quotes; those we want hold nothing that needs escapes. */
static struct tm_str unquoted(struct tm_str value)
{
    if (value.len >= 2 && (value.data[0] == '"' || value.data[0] == '\'') &&
        value.data[value.len - 1] == value.data[0])
        return tm_str_n(value.data + 1, value.len - 2);
    return value;
}

void tm_machine_read_os_release(struct tm_machine *machine, struct tm_str text)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) os = TM_BUF_INIT;
    struct tm_str key, value, id = TM_STR(""), version = TM_STR("");

    while (next_pair(&text, '=', &key, &value)) {
        if (tm_str_is(key, "ID"))
            id = unquoted(value);
        else if (tm_str_is(key, "VERSION_ID"))
            version = unquoted(value);
    }
    if (id.len == 0)
        return;
    tm_buf_addf(&os, "%.*s %.*s", TM_STR_ARG(id), TM_STR_ARG(version));
    set_words(&machine->os, tm_buf_str(&os));
}

void tm_machine_read(struct tm_machine *machine)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct utsname name;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    tm_machine_release(machine);
    machine->cores = cores > 0 ? (uint64_t)cores : 0;
    if (uname(&name) == 0) {
        set_words(&machine->kernel, tm_str(name.release));
        set_words(&machine->arch, tm_str(name.machine));
    }
    read_head("/proc/cpuinfo", &text);
    tm_machine_read_cpuinfo(machine, tm_buf_str(&text));
    read_head("/proc/meminfo", &text);
    tm_machine_read_meminfo(machine, tm_buf_str(&text));
    read_head("/etc/os-release", &text);
    tm_machine_read_os_release(machine, tm_buf_str(&text));
}

void tm_machine_release(struct tm_machine *machine)
{
    tm_buf_release(&machine->cpu);
    tm_buf_release(&machine->kernel);
    tm_buf_release(&machine->arch);
    tm_buf_release(&machine->os);
    *machine = TM_MACHINE_INIT;
}

static void add_line(struct tm_buf *out, const char *key, struct tm_str value)
{
    tm_buf_addf(out, "%s=", key);
    tm_buf_add_str(out, value.len ? value : TM_STR("unknown"));
    tm_buf_addc(out, '\n');
}

static void add_number(struct tm_buf *out, const char *key, uint64_t value)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    if (value)
        tm_buf_addf(&text, "%ju", (uintmax_t)value);
    add_line(out, key, tm_buf_str(&text));
}

/* The least power of two, in MiB, that is not less: firmware keeps a part of what was bought for itself. */
static uint64_t memory_class(uint64_t kib)
{
    uint64_t mib = 1;

    if (kib == 0)
        return 0;
    while (mib < (UINT64_C(1) << 53) && mib * 1024 < kib)
        mib *= 2;
    return mib;
}

/* "6.1" of "6.1.0-18-amd64". */
static struct tm_str major_minor(struct tm_str release)
{
    size_t dots = 0;

    for (size_t i = 0; i < release.len; i++)
        if ((release.data[i] < '0' || release.data[i] > '9') && (release.data[i] != '.' || ++dots == 2))
            return tm_str_n(release.data, i);
    return release;
}

void tm_machine_describe(const struct tm_machine *machine, struct tm_buf *out)
{
    add_line(out, "cpu", tm_buf_str(machine->cpu.len ? &machine->cpu : &machine->arch));
    add_number(out, "cores", machine->cores);
    add_number(out, "memory", memory_class(machine->memory_kib));
    add_line(out, "kernel", major_minor(tm_buf_str(&machine->kernel)));
    add_line(out, "arch", tm_buf_str(&machine->arch));
    add_line(out, "os", tm_buf_str(&machine->os));
}

void tm_machine_fingerprint(const struct tm_machine *machine, struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_hash hash;

    tm_machine_describe(machine, &text);
    hash = tm_hash_of(tm_buf_str(&text));
    tm_buf_add_hex(out, hash.bytes, TM_FINGERPRINT_HEX / 2);
}
