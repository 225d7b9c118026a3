/* The words for what a browser says it is. */
#include "portal/device.h"

#include <glib.h>

static const struct {
    const char *agent, *browser, *system;
    bool phone;
} devices[] = {
    { "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0", "Firefox", "Linux",
      false },
    { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
      "Edge", "Windows", false },
    { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
      "Version/17.1 Safari/605.1.15",
      "Safari", "macOS", false },
    { "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
      "Gecko) CriOS/120.0 Mobile/15E148 Safari/604.1",
      "Chrome", "iPhone", true },
    { "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/120.0.0.0 Mobile Safari/537.36",
      "Chrome", "Android", true },
    { "curl/7.88.1", "curl", NULL, false },
    { "something of its own", NULL, NULL, false },
    { "", NULL, NULL, false },
};

static void browsers_and_systems_are_told_by_their_own_names(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(devices); i++) {
        const char *browser, *system;
        bool phone;
        device_read(devices[i].agent, &browser, &system, &phone);
        g_assert_cmpstr(browser, ==, devices[i].browser);
        g_assert_cmpstr(system, ==, devices[i].system);
        g_assert_true(phone == devices[i].phone);
    }
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/portal/device/browsers and systems are told by their own names",
                    browsers_and_systems_are_told_by_their_own_names);
    return g_test_run();
}
