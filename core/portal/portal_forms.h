/* The portal's own forms and their fields. For portal.c alone, whose descriptor names them. */
#ifndef PORTAL_PORTAL_FORMS_H
#define PORTAL_PORTAL_FORMS_H

#include "identity/person.h"

#include <portico/portico.h>

static const struct portico_form_type forms[] = {
    { .name = "sign_in", .submit = "Sign in", .flags = PORTICO_FORM_OPEN },
    { .name = "second", .submit = "Sign in", .flags = PORTICO_FORM_OPEN },
    { .name = "enrol", .submit = "Set it up and sign in", .flags = PORTICO_FORM_OPEN },
    { .name = "app", .submit = "Set it up" },
    { .name = "passkey", .submit = "Make the passkey" },
    { .name = "again", .submit = "Go on" },
    { .name = "join", .submit = "Join", .flags = PORTICO_FORM_OPEN },
    { .name = "forgot", .submit = "Send me the link", .flags = PORTICO_FORM_OPEN },
    { .name = "password", .submit = "Set the password", .flags = PORTICO_FORM_OPEN },
    { .name = "first_admin", .submit = "Start", .flags = PORTICO_FORM_OPEN },
    { .name = "confirm", .submit = "Confirm this address", .flags = PORTICO_FORM_OPEN },
    { .name = "invite", .submit = "Send the invitation", .flags = PORTICO_FORM_DRAFT },
    { .name = "company_invite", .submit = "Send", .flags = PORTICO_FORM_DRAFT },
    { .name = "import", .submit = "Look through" },
    { .name = "accept", .submit = "Accept and start", .flags = PORTICO_FORM_OPEN },
    { .name = "profile", .submit = "Save" },
    { .name = "address", .submit = "Add the address" },
    { .name = "new_password", .submit = "Change the password" },
    { .name = "merge", .submit = "Merge them for good" },
    { .name = "erase", .submit = "Erase my account for good" },
};

#define NAME_FIELD(in)                                                                             \
    {                                                                                              \
        .form = (in), .name = "name", .type = PORTICO_FIELD_TEXT, .flags = PORTICO_FIELD_REQUIRED, \
        .maximum_length = IDENTITY_NAME_MAX, .autocomplete = "name", .label = "Your name"          \
    }
#define ADDRESS_FIELD(in)                                                                          \
    {                                                                                              \
        .form = (in), .name = "address", .type = PORTICO_FIELD_MAIL,                               \
        .flags = PORTICO_FIELD_REQUIRED, .autocomplete = "email", .label = "Mail address"          \
    }
#define PASSWORD_FIELD(in)                                                                         \
    {                                                                                              \
        .form = (in), .name = "password", .type = PORTICO_FIELD_PASSWORD,                          \
        .flags = PORTICO_FIELD_REQUIRED, .autocomplete = "new-password", .label = "New password",  \
        .help = "At least 8 characters; a few words that only you put together are best."          \
    }
#define CURRENT_FIELD(in)                                                                          \
    {                                                                                              \
        .form = (in), .name = "current", .type = PORTICO_FIELD_PASSWORD,                           \
        .flags = PORTICO_FIELD_REQUIRED, .autocomplete = "current-password",                       \
        .label = "Your password", .help = "A code does as well, if you have an authenticator app." \
    }
#define CODE_FIELD(in, below)                                                                      \
    {                                                                                              \
        .form = (in), .name = "code", .type = PORTICO_FIELD_TEXT, .flags = PORTICO_FIELD_REQUIRED, \
        .maximum_length = 20, .autocomplete = "one-time-code", .label = "Code", .help = (below)    \
    }

#define IMPORT_FIELD(as, words, below)                                                             \
    {                                                                                              \
        .form = "import", .name = (as), .type = PORTICO_FIELD_FILE, .choices = PORTICO_ACCEPT_ANY, \
        .label = (words), .help = (below)                                                          \
    }

static const struct portico_field fields[] = {
    { .form = "sign_in",
      .name = "name",
      .type = PORTICO_FIELD_TEXT,
      .flags = PORTICO_FIELD_REQUIRED,
      .maximum_length = IDENTITY_ADDRESS_MAX,
      .autocomplete = "username",
      .label = "Mail address or handle" },
    { .form = "sign_in",
      .name = "password",
      .type = PORTICO_FIELD_PASSWORD,
      .flags = PORTICO_FIELD_REQUIRED,
      .autocomplete = "current-password",
      .label = "Password" },
    { .form = "sign_in",
      .name = "remember",
      .type = PORTICO_FIELD_BOOLEAN,
      .label = "Keep me signed in on this device" },
    { .form = "sign_in", .name = "next", .type = PORTICO_FIELD_HIDDEN, .maximum_length = 2000 },
    CODE_FIELD("second", /* translated */ "One of your recovery codes does as well."),
    { .form = "second",
      .name = "trust",
      .type = PORTICO_FIELD_BOOLEAN,
      .label = "Do not ask on this device for a while" },
    { .form = "second", .name = "next", .type = PORTICO_FIELD_HIDDEN, .maximum_length = 2000 },
    CODE_FIELD("enrol", /* translated */ "The six digits that the app shows now."),
    { .form = "enrol", .name = "next", .type = PORTICO_FIELD_HIDDEN, .maximum_length = 2000 },
    CODE_FIELD("app", /* translated */ "The six digits that the app shows now."),
    { .form = "passkey",
      .name = "name",
      .type = PORTICO_FIELD_TEXT,
      .flags = PORTICO_FIELD_REQUIRED,
      .maximum_length = 60,
      .autocomplete = "off",
      .label = "Name",
      .help = "So that you know it among others: the device, or where it is kept." },
    CURRENT_FIELD("again"),
    { .form = "merge",
      .name = "reason",
      .type = PORTICO_FIELD_TEXT,
      .flags = PORTICO_FIELD_REQUIRED,
      .maximum_length = 200,
      .autocomplete = "off",
      .label = "Reason",
      .help = "How you know that both are one: they and their companies read it." },
    CURRENT_FIELD("merge"),
    { .form = "again", .name = "next", .type = PORTICO_FIELD_HIDDEN, .maximum_length = 2000 },
    IMPORT_FIELD("companies", /* translated */ "Companies",
                 /* translated */ "The columns are external, name, kind, above and state."),
    IMPORT_FIELD("people", /* translated */ "People",
                 /* translated */ "The columns are external, name, mail, locale and timezone."),
    IMPORT_FIELD("memberships", /* translated */ "Who belongs where",
                 /* translated */
                 "The columns are account, person, roles, title, below and "
                 "until."),
    IMPORT_FIELD("contacts", /* translated */ "Contacts and account teams",
                 /* translated */
                 "The columns are account, person or mail, and contact; of account teams account, "
                 "person or mail, team and phone."),
    NAME_FIELD("join"),
    ADDRESS_FIELD("join"),
    { .form = "forgot",
      .name = "name",
      .type = PORTICO_FIELD_TEXT,
      .flags = PORTICO_FIELD_REQUIRED,
      .maximum_length = IDENTITY_ADDRESS_MAX,
      .autocomplete = "username",
      .label = "Mail address or handle" },
    NAME_FIELD("password"),
    PASSWORD_FIELD("password"),
    NAME_FIELD("first_admin"),
    ADDRESS_FIELD("first_admin"),
    PASSWORD_FIELD("first_admin"),
    { .form = "invite",
      .name = "name",
      .type = PORTICO_FIELD_TEXT,
      .flags = PORTICO_FIELD_REQUIRED,
      .maximum_length = IDENTITY_NAME_MAX,
      .autocomplete = "off",
      .label = "Name" },
    { .form = "invite",
      .name = "address",
      .type = PORTICO_FIELD_MAIL,
      .flags = PORTICO_FIELD_REQUIRED,
      .autocomplete = "off",
      .label = "Mail address" },
    { .form = "invite",
      .name = "role",
      .type = PORTICO_FIELD_CHOICE,
      .flags = PORTICO_FIELD_REQUIRED,
      .choices = "member=Member\nmoderator=Moderator\nadmin=Admin",
      .initial = "member",
      .label = "Role" },
    { .form = "invite",
      .name = "language",
      .type = PORTICO_FIELD_CHOICE,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Language of the mail" },
    { .form = "company_invite",
      .name = "people",
      .type = PORTICO_FIELD_LONG,
      .maximum_length = 20000,
      .autocomplete = "off",
      .label = "Mail addresses",
      .help = "One a line, or lines of a table: address, name, roles, title." },
    { .form = "company_invite",
      .name = "list",
      .type = PORTICO_FIELD_FILE,
      .choices = PORTICO_ACCEPT_ANY,
      .label = "Or a list as a file",
      .help = "CSV, as a spreadsheet saves it, with the same columns." },
    { .form = "company_invite",
      .name = "role",
      .type = PORTICO_FIELD_CHOICE,
      .label = "Role",
      .help = "For everybody whose line names none." },
    { .form = "company_invite",
      .name = "language",
      .type = PORTICO_FIELD_CHOICE,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Language of the mail" },
    { .form = "company_invite",
      .name = "outside",
      .type = PORTICO_FIELD_BOOLEAN,
      .label = "Some of them work for another company" },
    NAME_FIELD("accept"),
    PASSWORD_FIELD("accept"),
    NAME_FIELD("profile"),
    { .form = "profile",
      .name = "handle",
      .type = PORTICO_FIELD_TEXT,
      .flags = PORTICO_FIELD_REQUIRED,
      .maximum_length = IDENTITY_HANDLE_MAX,
      .autocomplete = "nickname",
      .label = "Handle",
      .help = "How others name you in texts, behind an @." },
    { .form = "profile",
      .name = "language",
      .type = PORTICO_FIELD_CHOICE,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Language" },
    { .form = "profile",
      .name = "timezone",
      .type = PORTICO_FIELD_TEXT,
      .flags = PORTICO_FIELD_REQUIRED,
      .maximum_length = 60,
      .label = "Time zone",
      .help = "Such as Europe/Berlin or America/New_York." },
    ADDRESS_FIELD("address"),
    CURRENT_FIELD("address"),
    CURRENT_FIELD("new_password"),
    PASSWORD_FIELD("new_password"),
    CURRENT_FIELD("erase"),
};

#endif
