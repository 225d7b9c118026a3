/* What browsers send of passkeys, held against what authenticators of three kinds made. */
#include "identity/webauthn.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

static const struct webauthn_party party = { "https://portal.example", "portal.example" };

/* In hex: the authenticator's data of a new passkey; then of its seventh use, what the browser said
 * then, and the signature. */
static const struct vector {
    const char *name, *made, *client, *data, *signature;
} vectors[] = {
    { .name = "es256",
      .made = "416ef6dbb1e9b929dc9748197f4c3c8ffb3c7869c02b5303ab413cd1ac92fa2645000000000000000000"
              "00000000000000000000000020fccc8b7c2325a6a25242ad567788c99801b2040bb5d5caa541ca03318b"
              "3d341ea50102032620012158200772f368211d77b1afff3d21aa822d92e15c37fb51353c38eaf33904f7"
              "1bf020225820d2550925b002df58f3f60a5c71876bfc17a1e412c754422b4afba38b408b4eda",
      .client =
          "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a22593268686247"
          "786c626d646c494852336277222c226f726967696e223a2268747470733a2f2f706f7274616c2e657861"
          "6d706c65222c2263726f73734f726967696e223a66616c73657d",
      .data = "416ef6dbb1e9b929dc9748197f4c3c8ffb3c7869c02b5303ab413cd1ac92fa260500000007",
      .signature =
          "3045022100dd1c64b2b4b7aa26d030a45f3293a70d9552d75a6bf9b8299943a19d41f06c92022030af1d"
          "86630f4f8dea9df4eab744a8b2b460e1a89dfe79b1e3a043e2f579d127" },
    { .name = "eddsa",
      .made = "416ef6dbb1e9b929dc9748197f4c3c8ffb3c7869c02b5303ab413cd1ac92fa2645000000000000000000"
              "00000000000000000000000020bac7348e79ad98bcb61996ab6fb62aed906472e70186cad547f07d6f45"
              "4db2f6a40101032720062158207f399694e067cdf26b486e78e556d1b96103d0fed1b988b5f8c2f7a085"
              "9b2bd6",
      .client =
          "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a22593268686247"
          "786c626d646c494852336277222c226f726967696e223a2268747470733a2f2f706f7274616c2e657861"
          "6d706c65222c2263726f73734f726967696e223a66616c73657d",
      .data = "416ef6dbb1e9b929dc9748197f4c3c8ffb3c7869c02b5303ab413cd1ac92fa260500000007",
      .signature =
          "4e8f7d9b1a0edcd8be8d8bff3d903d964813dcd0168c40b4d10b2eaefd1946575e13574da24025bc07a4"
          "edf085b387507f54399c7565ecf13c951dae7157f20e" },
    { .name = "rs256",
      .made = "416ef6dbb1e9b929dc9748197f4c3c8ffb3c7869c02b5303ab413cd1ac92fa2645000000000000000000"
              "0000000000000000000000002031f753562e9cec811b65e4752c968f8ddedc99c9aa29811e4e2f437e81"
              "b2e249a401030339010020590100e3af055703fbd417e6639ce3c3dec54c48e871607064df67ee9bfe93"
              "9939935e6fd1f9ba82eba132728958837ac711c0e04e89037157f8c33e6e4a5092fc47a81eeebd789efe"
              "ccf3dd86ca30ccdc16613ec8b2418e45c12c8ca846fce9ba8e5ba31097d8782255d989de1fabbc1ead00"
              "4227f7ea5a2b5ea82922a99148530616adc928d7fa64275e69308ce8f76d76f2af1665667451be84364c"
              "68320b4cff8d860def9203b01e4a8e2d615cd09069c0d20b365c8366455e251b2c7cdc157c54019af919"
              "1c394590ac24ce7863e93ef9edd62be5796e386be1fd73d22bbb4254ca4196a810c432356e8bda047d17"
              "2492328416d2191cd470d2e4476e1d80ca272143010001",
      .client =
          "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a22593268686247"
          "786c626d646c494852336277222c226f726967696e223a2268747470733a2f2f706f7274616c2e657861"
          "6d706c65222c2263726f73734f726967696e223a66616c73657d",
      .data = "416ef6dbb1e9b929dc9748197f4c3c8ffb3c7869c02b5303ab413cd1ac92fa260500000007",
      .signature =
          "b870aba595bab653fa9669eeb7eb7bfefee9457f2f420d7754118a69af2ca26516f26b06b7d358f0585e"
          "700a3cbbad6e9f9e17b9eeecc6deb031370e7bec26715902ad53ca5f25cbf3e21a51a3753b4fb9114f88"
          "f34d38e0783bcbeb6cede1584a87cb9ff85df9c14a94b5962adace9b9b69a8ecfe497ce5f7be2e38897a"
          "25a462f5b2cf9cfc5eacfc60a162a34a0ec589de56df840c515fec8a00ce4c9f1852155798d08af918e8"
          "3bd44e3f2c6e3e276b36ab042c52644cb1722b52d5ee0e2204bc829dc7bebbc1b688e17e1f0530dd138b"
          "39c585d3a1f2f9837d9d74341ba6a676ea24d69edd62b8f2cd327e6b5cdef7f2100d700fd83a6873fe0b"
          "86b6b495" },
};

static struct webauthn_bytes bytes_of(const char *hex, unsigned char room[4096])
{
    size_t length = 0;
    g_assert_cmpint(sodium_hex2bin(room, 4096, hex, strlen(hex), NULL, &length, NULL), ==, 0);
    return (struct webauthn_bytes){ room, length };
}

struct case_of {
    unsigned char made[4096], client[4096], data[4096], signature[4096];
    struct webauthn_key key;
};

static void open_case(const struct vector *vector, struct case_of *one)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (webauthn_register(&party, bytes_of(vector->made, one->made), &one->key, &error) < 0)
        g_error("%s: %s", vector->name, error.message);
    bytes_of(vector->client, one->client);
    bytes_of(vector->data, one->data);
    bytes_of(vector->signature, one->signature);
}

static int verify(const struct vector *vector, struct case_of *one, uint32_t *count)
{
    return webauthn_verify(
        &party, &one->key, (struct webauthn_bytes){ one->client, strlen(vector->client) / 2 },
        (struct webauthn_bytes){ one->data, strlen(vector->data) / 2 },
        (struct webauthn_bytes){ one->signature, strlen(vector->signature) / 2 }, count, NULL);
}

static void passkeys_of_all_kinds_are_read_and_verified(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        struct case_of one;
        uint32_t count = 0;
        open_case(&vectors[i], &one);
        g_assert_cmpuint(one.key.credential_length, ==, 32);
        g_assert_cmpint(verify(&vectors[i], &one, &count), ==, 0);
        g_assert_cmpuint(count, ==, 7);
    }
}

static void one_bit_is_enough_to_be_another(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        struct case_of one;
        uint32_t count = 0;
        open_case(&vectors[i], &one);
        unsigned char *places[] = { &one.client[20], &one.data[36], &one.signature[20],
                                    &one.key.key[20] };
        for (size_t p = 0; p < G_N_ELEMENTS(places); p++) {
            *places[p] ^= 1;
            g_assert_cmpint(verify(&vectors[i], &one, &count), <, 0);
            *places[p] ^= 1;
        }
        g_assert_cmpint(verify(&vectors[i], &one, &count), ==, 0);
    }
}

static void a_passkey_of_elsewhere_or_of_nobody_there_is_none(void)
{
    static const struct webauthn_party other = { "https://elsewhere.example", "elsewhere.example" };
    struct case_of one;
    struct webauthn_key key;
    unsigned char room[4096];
    uint32_t count = 0;
    open_case(&vectors[0], &one);
    struct webauthn_bytes made = bytes_of(vectors[0].made, room);
    g_assert_cmpint(webauthn_register(&other, made, &key, NULL), ==, PORTICO_EINVAL);
    for (size_t length = 0; length < made.length; length++)
        g_assert_cmpint(
            webauthn_register(&party, (struct webauthn_bytes){ room, length }, &key, NULL), ==,
            PORTICO_EINVAL);
    /* Nobody there; there and not verified; without the passkey itself. */
    static const unsigned char flags[] = { 0x44, 0x41, 0x05 };
    for (size_t i = 0; i < sizeof flags; i++) {
        room[32] = flags[i];
        g_assert_cmpint(webauthn_register(&party, made, &key, NULL), ==, PORTICO_EINVAL);
    }
    one.data[32] = 0x01;
    g_assert_cmpint(verify(&vectors[0], &one, &count), ==, PORTICO_EINVAL);
}

static int client(const char *text, char challenge[WEBAUTHN_CHALLENGE_MAX])
{
    return webauthn_client((struct webauthn_bytes){ (const unsigned char *)text, strlen(text) },
                           WEBAUTHN_GET, party.origin, challenge, NULL);
}

static void what_the_browser_says_is_for_this_and_for_here(void)
{
    char challenge[WEBAUTHN_CHALLENGE_MAX] = "";
    g_assert_cmpint(client("{\"type\":\"webauthn.get\",\"challenge\":\"abc\",\"origin\":"
                           "\"https://portal.example\",\"crossOrigin\":false}",
                           challenge),
                    ==, 0);
    g_assert_cmpstr(challenge, ==, "abc");
    static const char *const none[] = {
        "",
        "[]",
        "{}",
        "{\"type\":\"webauthn.create\",\"challenge\":\"abc\",\"origin\":\"https://"
        "portal.example\"}",
        "{\"type\":\"webauthn.get\",\"challenge\":\"\",\"origin\":\"https://portal.example\"}",
        "{\"type\":\"webauthn.get\",\"challenge\":7,\"origin\":\"https://portal.example\"}",
        "{\"type\":\"webauthn.get\",\"challenge\":\"abc\",\"origin\":\"https://"
        "portal.example.org\"}",
        "{\"type\":\"webauthn.get\",\"challenge\":\"abc\",\"origin\":\"https://elsewhere.example\","
        "\"origin\":\"https://portal.example\"}",
        "{\"type\":\"webauthn.get\",\"challenge\":\"abc\",\"origin\":\"https://portal.example\","
        "\"crossOrigin\":true}",
        "{\"type\":\"webauthn.get\",\"challenge\":\"abc\",\"origin\":\"https://portal.example\"} ,",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_cmpint(client(none[i], challenge), ==, PORTICO_EINVAL);
    g_assert_cmpstr(challenge, ==, "abc");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(sodium_init(), >=, 0);
    g_test_add_func("/webauthn/passkeys of all kinds are read and verified",
                    passkeys_of_all_kinds_are_read_and_verified);
    g_test_add_func("/webauthn/one bit is enough to be another", one_bit_is_enough_to_be_another);
    g_test_add_func("/webauthn/a passkey of elsewhere or of nobody there is none",
                    a_passkey_of_elsewhere_or_of_nobody_there_is_none);
    g_test_add_func("/webauthn/what the browser says is for this and for here",
                    what_the_browser_says_is_for_this_and_for_here);
    return g_test_run();
}
