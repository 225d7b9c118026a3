/* A module's ELF file: what it shows, what it asks for, how it was built. */
#include "module/examine.h"

#include <gelf.h>
#include <libelf.h>
#include <stdio.h>

#define STATIC_TLS_LEAST 1664 /* glibc keeps about this much for libraries loaded later */
#define THREAD_MEMORY_MAX 4096
#define NAMES_MAX 8
#define SYMBOLS_MAX 1000000

/* Everything read from the file, before it is judged. */
struct facts {
    bool dynamic, relro, now, text_relocations, static_tls;
    bool stack_known, stack_runs, writes_code;
    bool stack_checked;      /* calls __stack_chk_fail */
    bool rust, sanitized;    /* runtimes with a constructor of their own */
    bool named;              /* it has names of its own symbols: it is not stripped */
    bool rust_start;         /* Rust's library keeps the arguments of the program at its start */
    size_t code;             /* bytes of executable segments */
    size_t tls;              /* bytes of thread-local storage */
    size_t init, fini;       /* entries */
    const char *search_path; /* RPATH or RUNPATH */
    const char *exports[NAMES_MAX];
    size_t export_count;
};

/* What linkers and compilers put into every library; templates of a C++ library are meant to be
 * shared, so they stay visible whatever the author does. */
static bool is_own_matter(const char *name, unsigned char binding)
{
    static const char *const names[] = {
        "portico_module_entry", "_init", "_fini", "__bss_start", "_edata", "_end",
        "rust_eh_personality",
    };
    static const char *const prefixes[] = { "__start_", "__stop_", "__odr_asan", "_ZTI", "_ZTS",
                                            "_ZTV",     "_ZNSt",   "_ZNKSt",     "_ZSt" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return binding == STB_GNU_UNIQUE || (binding == STB_WEAK && strncmp(name, "_Z", 2) == 0);
}

static const char *text_at(Elf *elf, size_t strings, size_t offset)
{
    const char *text = elf_strptr(elf, strings, offset);
    return text ? text : "";
}

static void read_symbols(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct facts *facts,
                         struct examine_report *report)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
    for (size_t i = 1; data && size && i < data->d_size / size && i < SYMBOLS_MAX; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol))
            continue;
        const char *name = text_at(elf, header->sh_link, symbol.st_name);
        unsigned char binding = GELF_ST_BIND(symbol.st_info);
        unsigned char visibility = GELF_ST_VISIBILITY(symbol.st_other);
        if (symbol.st_shndx == SHN_UNDEF) {
            facts->stack_checked |= strcmp(name, "__stack_chk_fail") == 0;
            facts->sanitized |=
                strcmp(name, "__asan_init") == 0 || strcmp(name, "__tsan_init") == 0;
            if (*name)
                examine_import(name, report);
        } else if ((binding == STB_GLOBAL || binding == STB_WEAK || binding == STB_GNU_UNIQUE) &&
                   (visibility == STV_DEFAULT || visibility == STV_PROTECTED) &&
                   !is_own_matter(name, binding)) {
            if (facts->export_count < NAMES_MAX)
                facts->exports[facts->export_count] = name;
            facts->export_count++;
        }
    }
}

/* The one constructor of Rust's library, by its name. In a stripped file only the compiler's name
 * in .comment is left, which Rust writes since 1.74. */
static void read_rust(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct facts *facts)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
    facts->named = true;
    for (size_t i = 1; data && size && i < data->d_size / size && i < SYMBOLS_MAX; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF)
            continue;
        const char *name = text_at(elf, header->sh_link, symbol.st_name);
        facts->rust |= strcmp(name, "rust_eh_personality") == 0;
        facts->rust_start |= GELF_ST_TYPE(symbol.st_info) == STT_OBJECT &&
                             strncmp(name, "_ZN3std3sys", 11) == 0 &&
                             strstr(name, "15ARGV_INIT_ARRAY17h") != NULL;
    }
}

static void read_dynamic(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct facts *facts)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t size = gelf_fsize(elf, ELF_T_DYN, 1, EV_CURRENT);
    facts->dynamic = true;
    for (size_t i = 0; data && size && i < data->d_size / size && i < 4096; i++) {
        GElf_Dyn entry;
        if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag == DT_NULL)
            break;
        uint64_t value = entry.d_un.d_val;
        switch (entry.d_tag) {
        case DT_BIND_NOW: facts->now = true; break;
        case DT_TEXTREL: facts->text_relocations = true; break;
        case DT_FLAGS:
            facts->now |= (value & DF_BIND_NOW) != 0;
            facts->text_relocations |= (value & DF_TEXTREL) != 0;
            facts->static_tls |= (value & DF_STATIC_TLS) != 0;
            break;
        case DT_FLAGS_1: facts->now |= (value & DF_1_NOW) != 0; break;
        case DT_RPATH:
        case DT_RUNPATH:
            if (*text_at(elf, header->sh_link, value))
                facts->search_path = text_at(elf, header->sh_link, value);
            break;
        case DT_INIT_ARRAYSZ: facts->init = value / sizeof(void *); break;
        case DT_FINI_ARRAYSZ: facts->fini = value / sizeof(void *); break;
        default: break;
        }
    }
}

/* A linker marks libraries whose code expects its thread-local variables at a fixed place; code put
 * together by hand may lack the mark. */
static void read_relocations(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
                             struct facts *facts)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t size = gelf_fsize(elf, ELF_T_RELA, 1, EV_CURRENT);
    for (size_t i = 0; data && size && i < data->d_size / size && header->sh_type == SHT_RELA;
         i++) {
        GElf_Rela relocation;
        GElf_Ehdr file;
        if (!gelf_getrela(data, (int)i, &relocation) || !gelf_getehdr(elf, &file))
            return;
        uint64_t type = GELF_R_TYPE(relocation.r_info);
        facts->static_tls |= (file.e_machine == EM_X86_64 && type == R_X86_64_TPOFF64) ||
                             (file.e_machine == EM_AARCH64 && type == R_AARCH64_TLS_TPREL);
    }
}

static void read_segments(Elf *elf, struct facts *facts)
{
    size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count && i < 256; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(elf, (int)i, &header))
            continue;
        bool runs = header.p_flags & PF_X, writes = header.p_flags & PF_W;
        if (header.p_type == PT_GNU_RELRO)
            facts->relro = true;
        else if (header.p_type == PT_TLS)
            facts->tls = header.p_memsz;
        else if (header.p_type == PT_GNU_STACK) {
            facts->stack_known = true;
            facts->stack_runs = runs;
        } else if (header.p_type == PT_LOAD) {
            facts->writes_code |= runs && writes;
            facts->code += runs ? header.p_filesz : 0;
        }
    }
}

static void read_comment(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct facts *facts)
{
    size_t strings = 0;
    if (elf_getshdrstrndx(elf, &strings) < 0 ||
        strcmp(text_at(elf, strings, header->sh_name), ".comment") != 0)
        return;
    Elf_Data *data = elf_getdata(section, NULL);
    if (data && data->d_buf && memmem(data->d_buf, data->d_size, "rustc", 5))
        facts->rust = true;
}

static void read_file(Elf *elf, struct facts *facts, struct examine_report *report)
{
    Elf_Scn *section = NULL;
    read_segments(elf, facts);
    while ((section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header))
            continue;
        switch (header.sh_type) {
        case SHT_DYNSYM: read_symbols(elf, section, &header, facts, report); break;
        case SHT_SYMTAB: read_rust(elf, section, &header, facts); break;
        case SHT_DYNAMIC: read_dynamic(elf, section, &header, facts); break;
        case SHT_RELA: read_relocations(elf, section, &header, facts); break;
        case SHT_PROGBITS: read_comment(elf, section, &header, facts); break;
        default: break;
        }
    }
}

static void judge_exports(const struct facts *facts, struct examine_report *report)
{
    char names[512] = "";
    size_t length = 0;
    for (size_t i = 0; i < facts->export_count && i < NAMES_MAX; i++) {
        int more = snprintf(names + length, sizeof names - length, "%s%.50s", i ? ", " : "",
                            facts->exports[i]);
        length += more > 0 ? (size_t)more : 0;
    }
    if (facts->export_count)
        examine_say(report, EXAMINE_ERROR, "exports",
                    "It exports %s%s beside portico_module_entry, names that can meet another "
                    "library's: make them static, or build with -fvisibility=hidden.",
                    names, facts->export_count > NAMES_MAX ? " and more" : "");
}

/* A yes or no of the file and what is said about it. */
static void judge_flags(const struct facts *facts, struct examine_report *report)
{
    const struct {
        bool wrong;
        const char *rule, *sentence;
    } flags[] = {
        { !facts->relro, "relro",
          "Its tables of addresses stay writable after loading: link with -Wl,-z,relro." },
        { !facts->now, "bind-now",
          "Its symbols are bound when first called, so their table stays writable: link with "
          "-Wl,-z,now." },
        { !facts->stack_known || facts->stack_runs, "stack",
          "It asks for a stack that can be executed, which makes every thread's so: link with "
          "-Wl,-z,noexecstack and give assembler sources a .note.GNU-stack section." },
        { facts->text_relocations, "text-relocations",
          "Its code is changed while it is loaded: compile every object with -fPIC." },
        { facts->writes_code, "writable-code",
          "It has a segment that is writable and executable at once: link without -N and without "
          "a linker script of your own." },
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].wrong)
            examine_say(report, EXAMINE_ERROR, flags[i].rule, "%s", flags[i].sentence);
    if (!facts->stack_checked && !facts->rust && facts->code > THREAD_MEMORY_MAX)
        examine_say(report, EXAMINE_ADVICE, "stack-protector",
                    "Nothing in its %zu bytes of code watches for overrun arrays: compile with "
                    "-fstack-protector-strong.",
                    facts->code);
    if (facts->search_path)
        examine_say(report, EXAMINE_ERROR, "search-path",
                    "It looks for libraries in \"%.200s\". A module runs from a verified copy in "
                    "another directory, where such a path leads nowhere or to a stranger's file: "
                    "link without -rpath and use the system's libraries.",
                    facts->search_path);
}

static void judge_threads(const struct facts *facts, struct examine_report *report)
{
    if (facts->static_tls)
        examine_say(report, EXAMINE_ERROR, "static-tls",
                    "Its %zu bytes of thread-local variables want a fixed place, of which a "
                    "process keeps some %d bytes for all libraries loaded later: compile without "
                    "-ftls-model=initial-exec.",
                    facts->tls, STATIC_TLS_LEAST);
    else if (facts->tls > THREAD_MEMORY_MAX)
        examine_say(report, EXAMINE_ADVICE, "thread-memory",
                    "Its thread-local variables take %zu bytes in every thread that calls it: "
                    "keep state on the context instead.",
                    facts->tls);
}

/* The compiler's own start-up code is one entry each, and Rust's library adds one to the first. A
 * sanitizer adds one for each source, among which others cannot be told. */
static void judge_constructors(const struct facts *facts, struct examine_report *report)
{
    bool rust_start = facts->rust_start || (facts->rust && !facts->named);
    size_t allowed = 1 + (rust_start ? 1 : 0);
    if (facts->sanitized)
        return;
    if (facts->init > allowed)
        examine_say(report, EXAMINE_ERROR, "constructors",
                    "It has %zu constructor%s, which run when it is loaded, before anything is "
                    "ready: move the work to .start (in C++: no global objects with "
                    "constructors).",
                    facts->init - allowed, facts->init - allowed == 1 ? "" : "s");
    if (facts->fini > allowed)
        examine_say(report, EXAMINE_ERROR, "destructors",
                    "It has %zu destructor%s, which run when the host is gone: move the work to "
                    ".stop.",
                    facts->fini - allowed, facts->fini - allowed == 1 ? "" : "s");
}

void examine_file(int file, struct examine_report *report)
{
    struct facts facts = { .dynamic = false };
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(file, ELF_C_READ, NULL);
    if (!elf)
        return;
    if (elf_kind(elf) == ELF_K_ELF)
        read_file(elf, &facts, report);
    if (facts.dynamic) {
        judge_exports(&facts, report);
        judge_flags(&facts, report);
        judge_threads(&facts, report);
        judge_constructors(&facts, report);
    }
    elf_end(elf);
}
