#include "module/note.h"

#include "base/error.h"

#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYMBOLS_MAX 1000000u
#define FILE_MAX (256LL * 1024 * 1024)

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__riscv)
#define MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define MACHINE EM_PPC64
#elif defined(__s390x__)
#define MACHINE EM_S390
#else
#define MACHINE EM_NONE
#endif

/* The value of `key` in "key=value" lines, copied; false if absent, too long or not plain text. */
static bool note_value(struct text note, const char *key, char *ret_value, size_t size)
{
    size_t key_length = strlen(key);
    while (note.length) {
        const char *end = memchr(note.data, '\n', note.length);
        struct text line = { note.data, end ? (size_t)(end - note.data) : note.length };
        note.data += line.length + (end != NULL);
        note.length -= line.length + (end != NULL);
        if (line.length <= key_length || memcmp(line.data, key, key_length) != 0 ||
            line.data[key_length] != '=')
            continue;
        struct text value = { line.data + key_length + 1, line.length - key_length - 1 };
        if (value.length >= size || !text_is_utf8(value.data, value.length))
            return false;
        memcpy(ret_value, value.data, value.length);
        ret_value[value.length] = '\0';
        return true;
    }
    return false;
}

/* False if it says nothing at all; what it says may still be reported. */
static bool parse_note(struct text text, struct note *note, struct descriptor_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char abi[16] = "", uses[NOTE_TEXT_MAX] = "";
    long long number = -1;
    if (!note_value(text, "id", note->id, sizeof note->id) ||
        !note_value(text, "version", note->version, sizeof note->version) ||
        !note_value(text, "abi", abi, sizeof abi) || !text_to_int64(text_of(abi), &number) ||
        number < 0 || number > UINT16_MAX ||
        !note_value(text, "sdk", note->sdk, sizeof note->sdk)) {
        descriptor_say(report,
                       "Its Portico note is damaged: end the source with PORTICO_EXPORT_MODULE "
                       "and build it again.");
        return false;
    }
    note->abi = (unsigned)number;
    note_value(text, "uses", uses, sizeof uses);
    if (note->abi != PORTICO_ABI)
        descriptor_say(
            report,
            "It was built for Portico ABI %u (SDK %s), this portal has ABI %d (SDK %s): %s.",
            note->abi, note->sdk, PORTICO_ABI, PORTICO_SDK_VERSION,
            (int)note->abi < PORTICO_ABI ? "install a newer version of the module"
                                         : "update Portico or install an older version of the "
                                           "module");
    else if (uses_parse(uses, &note->uses, &error) < 0 || uses_check_host(&note->uses, &error) < 0)
        descriptor_say(report, "%s", error.message);
    return true;
}

/* The text of the Portico note in one PT_NOTE segment or SHT_NOTE section; libelf checks the
 * bounds. */
static bool find_in(Elf_Data *data, struct text *ret_text)
{
    GElf_Nhdr header;
    size_t name, description, offset = 0;
    while (data && (offset = gelf_getnote(data, offset, &header, &name, &description)) > 0) {
        const char *bytes = data->d_buf;
        if (header.n_type != PORTICO_NOTE_TYPE || header.n_namesz != sizeof PORTICO_NOTE_OWNER ||
            name + header.n_namesz > data->d_size || header.n_descsz > NOTE_TEXT_MAX ||
            description + header.n_descsz > data->d_size ||
            memcmp(bytes + name, PORTICO_NOTE_OWNER, sizeof PORTICO_NOTE_OWNER) != 0)
            continue;
        *ret_text =
            (struct text){ bytes + description, strnlen(bytes + description, header.n_descsz) };
        return true;
    }
    return false;
}

static bool find_note(Elf *elf, struct text *ret_text)
{
    size_t count = 0;
    if (elf_getphdrnum(elf, &count) == 0)
        for (size_t i = 0; i < count && i < 256; i++) {
            GElf_Phdr header;
            if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_NOTE)
                continue;
            if (find_in(elf_getdata_rawchunk(elf, (int64_t)header.p_offset, header.p_filesz,
                                             header.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR),
                        ret_text))
                return true;
        }
    return false;
}

static const char *dynamic_text(Elf *elf, size_t strings, size_t offset)
{
    const char *text = elf_strptr(elf, strings, offset);
    return text ? text : "";
}

/* A search path or an absolute file leads to a copy of our libraries beside the module. */
static void check_dynamic(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
                          struct descriptor_report *report)
{
    Elf_Data *data = elf_getdata(section, NULL);
    bool uses_jansson = false, own_path = false;
    if (!data)
        return;
    size_t entry = gelf_fsize(elf, ELF_T_DYN, 1, EV_CURRENT);
    for (size_t i = 0; entry && i < data->d_size / entry && i < 4096; i++) {
        GElf_Dyn dynamic;
        if (!gelf_getdyn(data, (int)i, &dynamic) || dynamic.d_tag == DT_NULL)
            break;
        if (dynamic.d_tag != DT_NEEDED && dynamic.d_tag != DT_RPATH && dynamic.d_tag != DT_RUNPATH)
            continue;
        const char *text = dynamic_text(elf, header->sh_link, dynamic.d_un.d_val);
        if (dynamic.d_tag != DT_NEEDED)
            own_path |= text[0] != '\0';
        else if (strstr(text, "libjansson"))
            uses_jansson = true;
        if (dynamic.d_tag == DT_NEEDED && strstr(text, "libjansson") &&
            strcmp(text, "libjansson.so.4") != 0)
            descriptor_say(report,
                           "It needs %.100s, a Jansson other than the portal's libjansson.so.4: "
                           "link the module with -ljansson of the system.",
                           text);
    }
    if (uses_jansson && own_path)
        descriptor_say(report,
                       "It needs Jansson and has a library search path of its own (RPATH or "
                       "RUNPATH), which can bring a second copy: build it without -rpath.");
}

/* What the file defines or asks for, by name, in one symbol table. */
static void scan_symbols(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, bool *entry,
                         bool *jansson)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
    size_t count = data && size ? data->d_size / size : 0;
    for (size_t i = 0; i < count && i < SYMBOLS_MAX; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF)
            continue;
        const char *name = dynamic_text(elf, header->sh_link, symbol.st_name);
        if (header->sh_type == SHT_DYNSYM && strcmp(name, "portico_module_entry") == 0)
            *entry = true;
        if (strcmp(name, "json_object") == 0 || strcmp(name, "json_loadb") == 0 ||
            strcmp(name, "jansson_version_str") == 0)
            *jansson = true;
    }
}

static void check_sections(Elf *elf, struct descriptor_report *report)
{
    bool entry = false, jansson = false;
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header))
            continue;
        if (header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB)
            scan_symbols(elf, section, &header, &entry, &jansson);
        else if (header.sh_type == SHT_DYNAMIC)
            check_dynamic(elf, section, &header, report);
    }
    if (!entry)
        descriptor_say(report, "It does not export portico_module_entry: end the source with "
                               "PORTICO_EXPORT_MODULE(module).");
    if (jansson)
        descriptor_say(report, "It brings a Jansson of its own. Two copies in one process hash "
                               "differently and find nothing: link with -ljansson of the system "
                               "instead of a static or bundled copy.");
}

static bool is_shared_object(Elf *elf, struct descriptor_report *report)
{
    GElf_Ehdr header;
    if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header) || header.e_type != ET_DYN) {
        descriptor_say(report, "It is not a shared object: build it with -shared -fPIC.");
        return false;
    }
    if (header.e_machine != MACHINE ||
        gelf_getclass(elf) != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)) {
        descriptor_say(report,
                       "It was built for another kind of machine: build it on one like this.");
        return false;
    }
    return true;
}

bool note_read(int descriptor, struct note *ret_note, struct descriptor_report *report)
{
    unsigned before = report->count;
    struct stat status;
    struct text text = { 0 };
    struct note note = { .abi = 0 };
    if (fstat(descriptor, &status) < 0 || status.st_size > FILE_MAX) {
        descriptor_say(report, "It cannot be read, or is larger than 256 MiB: install it again.");
        return false;
    }
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(descriptor, ELF_C_READ, NULL);
    if (!elf) {
        descriptor_say(report, "It is not an ELF file: build it with -shared -fPIC.");
        return false;
    }
    if (is_shared_object(elf, report)) {
        if (find_note(elf, &text))
            note.found = parse_note(text, &note, report);
        else
            descriptor_say(report, "It has no Portico note, so it is not a Portico module: end the "
                                   "source with PORTICO_EXPORT_MODULE(module).");
        if (report->count == before)
            check_sections(elf, report);
    }
    elf_end(elf);
    *ret_note = note;
    return report->count == before;
}
