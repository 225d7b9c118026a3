/* Health: a check that says in one sentence what is wrong and what to do. */
#include <portico/portico.h>

static int check_reserve(struct portico_context *context, char *ret_message, size_t size)
{
    static const char message[] =
        "The reserve is low: refill it, or set `reserve` to what there is.";
    if (portico_setting_integer(context, "reserve") >= 10)
        return PORTICO_HEALTHY;
    if (size >= sizeof message)
        memcpy(ret_message, message, sizeof message);
    return PORTICO_DEGRADED;
}

static const struct portico_health_check checks[] = {
    { .name = "reserve", .check = check_reserve },
};

static const struct portico_setting settings[] = {
    { .key = "reserve",
      .type = PORTICO_SETTING_INTEGER,
      .initial = "100",
      .minimum = "0",
      .title = "Reserve" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Health",
    .settings = PORTICO_LIST(settings),
    .health_checks = PORTICO_LIST(checks),
};
PORTICO_EXPORT_MODULE(module)
