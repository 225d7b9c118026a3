/* Runs a fuzz target over files and directories, so that kept corpora are tests with any compiler.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (!file || fstat(fileno(file), &status) < 0) {
        perror(path);
        if (file)
            fclose(file);
        return -1;
    }
    uint8_t *data = malloc((size_t)status.st_size + 1);
    size_t size = data ? fread(data, 1, (size_t)status.st_size, file) : 0;
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

static int replay(const char *path, unsigned *inputs)
{
    struct stat status;
    if (stat(path, &status) < 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(status.st_mode)) {
        ++*inputs;
        return replay_file(path);
    }
    DIR *directory = opendir(path);
    int code = directory ? 0 : -1;
    for (struct dirent *entry; code == 0 && (entry = readdir(directory));) {
        char below[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        code = replay(below, inputs);
    }
    if (directory)
        closedir(directory);
    return code;
}

int main(int count, char **paths)
{
    unsigned inputs = 0;
    for (int i = 1; i < count; i++)
        if (replay(paths[i], &inputs) < 0)
            return 1;
    printf("%u inputs\n", inputs);
    return inputs ? 0 : 1;
}
