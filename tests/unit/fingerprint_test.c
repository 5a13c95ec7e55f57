#include "test.h"

#include "bench/fingerprint.h"

static void assert_lines(const struct tm_machine *machine, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_machine_describe(machine, &text);
    assert_string_equal(text.data, expected);
}

static void the_lines_are_those_of_the_format_page(void **state)
{
    struct tm_machine TM_CLEANUP(tm_machine_release) machine = TM_MACHINE_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    assert_lines(&machine,
                 "cpu=unknown\ncores=unknown\nmemory=unknown\nkernel=unknown\narch=unknown\nos=unknown\n");
    tm_machine_read_cpuinfo(&machine,
                            TM_STR(
                                "processor\t: 0\nmodel name\t: Quick  CPU @\t3 GHz \nmodel name\t: other\n"));
    tm_machine_read_meminfo(&machine, TM_STR("MemTotal:       16265732 kB\nMemFree: 1 kB\n"));
    tm_machine_read_os_release(&machine, TM_STR("NAME=\"X\"\nVERSION_ID=\"12\"\nID=debian"));
    machine.cores = 8;
    tm_buf_adds(&machine.kernel, "6.1.0-18-amd64");
    tm_buf_adds(&machine.arch, "x86_64");
    assert_lines(&machine,
                 "cpu=Quick CPU @ 3 GHz\ncores=8\nmemory=16384\nkernel=6.1\narch=x86_64\nos=debian 12\n");
    tm_machine_fingerprint(&machine, &hex);
    /* printf '<the lines above>' | sha256sum | cut -c1-16 */
    assert_string_equal(hex.data, "38793363d7d483d2");
}

static void other_processors_and_systems_are_described_too(void **state)
{
    struct tm_machine TM_CLEANUP(tm_machine_release) machine = TM_MACHINE_INIT;

    tm_machine_read_cpuinfo(&machine, TM_STR("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"
                                             "processor\t: 1\nCPU implementer\t: 0x42\nCPU part\t: 0xd0d\n"));
    tm_machine_read_os_release(&machine, TM_STR("ID='arch'\n"));
    tm_buf_adds(&machine.kernel, "7.0");
    assert_lines(&machine,
                 "cpu=implementer 0x41 part 0xd0c\ncores=unknown\nmemory=unknown\nkernel=7.0\narch=unknown\n"
                 "os=arch\n");
    tm_buf_clear(&machine.cpu);
    tm_buf_adds(&machine.arch, "riscv64");
    tm_buf_clear(&machine.kernel);
    tm_buf_adds(&machine.kernel, "10.20-rc1");
    assert_lines(&machine,
                 "cpu=riscv64\ncores=unknown\nmemory=unknown\nkernel=10.20\narch=riscv64\nos=arch\n");
}

static void memory_has_classes(void **state)
{
    static const struct {
        uint64_t kib;
        const char *line;
    } rows[] = {
        { 1, "memory=1\n" },          { 1024, "memory=1\n" },        { 1025, "memory=2\n" },
        { 8388608, "memory=8192\n" }, { 8388609, "memory=16384\n" }, { 7900000, "memory=8192\n" },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_machine TM_CLEANUP(tm_machine_release) machine = TM_MACHINE_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        machine.memory_kib = rows[i].kib;
        tm_machine_describe(&machine, &text);
        assert_non_null(strstr(text.data, rows[i].line));
    }
}

static void damaged_files_leave_values_unknown(void **state)
{
    struct tm_machine TM_CLEANUP(tm_machine_release) machine = TM_MACHINE_INIT;

    tm_machine_read_cpuinfo(&machine, TM_STR("model name\nmodel name:\nCPU part: 1\n"));
    tm_machine_read_meminfo(&machine, TM_STR("MemTotal: lots kB\nMemTotal:\n"));
    tm_machine_read_os_release(&machine, TM_STR("VERSION_ID=3\nID=\"\"\n"));
    assert_lines(&machine,
                 "cpu=unknown\ncores=unknown\nmemory=unknown\nkernel=unknown\narch=unknown\nos=unknown\n");
}

static void this_machine_has_one_fingerprint(void **state)
{
    struct tm_machine TM_CLEANUP(tm_machine_release) machine = TM_MACHINE_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) first = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) second = TM_BUF_INIT;

    tm_machine_read(&machine);
    assert_true(machine.cores > 0);
    assert_true(machine.arch.len > 0 && machine.kernel.len > 0);
    tm_machine_fingerprint(&machine, &first);
    tm_machine_read(&machine);
    tm_machine_fingerprint(&machine, &second);
    assert_int_equal(first.len, TM_FINGERPRINT_HEX);
    assert_string_equal(first.data, second.data);
}

TM_TESTS(cmocka_unit_test(the_lines_are_those_of_the_format_page),
         cmocka_unit_test(other_processors_and_systems_are_described_too),
         cmocka_unit_test(memory_has_classes), cmocka_unit_test(damaged_files_leave_values_unknown),
         cmocka_unit_test(this_machine_has_one_fingerprint))
