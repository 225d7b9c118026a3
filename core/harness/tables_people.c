/* The tables of forms, files, people, accounts, audiences, sessions, notices and limits as a module
 * under test sees them: each function that takes memory may be the one that fails. */
#include "harness/outside.h"
#include "harness/tables.h"
#include "module/interface.h"

#include <string.h>

static struct portico_forms_api own_forms;
static struct portico_form_api own_form;
static struct portico_file_api own_file;
static struct portico_people_api own_people;
static struct portico_accounts_api own_account;
static struct portico_audiences_api own_audience;
static struct portico_session_api own_session;
static struct portico_notice_api own_notice;
static struct portico_limit_api own_limit;

const struct tables_shown tables_people[TABLES_PEOPLE] = {
    { &interface_forms, &own_forms, PORTICO_FORMS, 0 },
    { &interface_form, &own_form, PORTICO_FORMS, END_OF(portico_form_api, reply) },
    { &interface_file, &own_file, PORTICO_FILES, END_OF(portico_file_api, reply) },
    { &interface_people, &own_people, PORTICO_PEOPLE, END_OF(portico_people_api, translate) },
    { &interface_account, &own_account, PORTICO_ACCOUNTS, END_OF(portico_accounts_api, set_fact) },
    { &interface_audience, &own_audience, PORTICO_AUDIENCES,
      END_OF(portico_audiences_api, granted) },
    { &interface_session, &own_session, PORTICO_SESSION, 0 },
    { &interface_notice, &own_notice, PORTICO_NOTICES, END_OF(portico_notice_api, withdraw_part) },
    { &interface_limit, &own_limit, PORTICO_LIMITS, 0 },
};

/* ---- portico.form ---- */

static struct portico_form *forms_open(struct portico_forms *forms, const char *name,
                                       const char *subject)
{
    return tables_grant("portico_form_open") ? interface_forms.open(forms, name, subject) : NULL;
}

static int form_set(struct portico_form *form, const char *field, const struct portico_value *value)
{
    return tables_grant("portico_form_set") ? interface_form.set(form, field, value)
                                            : PORTICO_ENOMEM;
}

static int form_set_text(struct portico_form *form, const char *field, const char *text)
{
    return tables_grant("portico_form_set_text") ? interface_form.set_text(form, field, text)
                                                 : PORTICO_ENOMEM;
}

static int form_set_integer(struct portico_form *form, const char *field, int64_t integer)
{
    return tables_grant("portico_form_set_integer")
               ? interface_form.set_integer(form, field, integer)
               : PORTICO_ENOMEM;
}

static int form_choice(struct portico_form *form, const char *field, const char *value,
                       const char *title)
{
    return tables_grant("portico_form_choice") ? interface_form.choice(form, field, value, title)
                                               : PORTICO_ENOMEM;
}

static int form_reject(struct portico_form *form, const char *field, const char *sentence)
{
    return tables_grant("portico_form_reject") ? interface_form.reject(form, field, sentence)
                                               : PORTICO_ENOMEM;
}

static int form_action(struct portico_form *form, const char *path)
{
    return tables_grant("portico_form_action") ? interface_form.action(form, path) : PORTICO_ENOMEM;
}

static int form_submit(struct portico_form *form, const char *words)
{
    return tables_grant("portico_form_submit") ? interface_form.submit(form, words)
                                               : PORTICO_ENOMEM;
}

/* A handler that fails behind it leaves the rollback to the host: nothing is to be closed. */
static int form_begin(struct portico_form *form, struct portico_error *error)
{
    if (!tables_grant("portico_form_begin"))
        return tables_no_memory(error);
    int code = interface_form.begin(form, error);
    if (code >= 0)
        outside_transaction_begun();
    return code;
}

static int form_done(struct portico_form *form, const char *path, const struct portico_value *json,
                     struct portico_error *error)
{
    if (!tables_grant("portico_form_done"))
        return tables_no_memory(error);
    int code = interface_form.done(form, path, json, error);
    outside_transaction_ended(code >= 0);
    return code;
}

static struct portico_value *form_view(struct portico_form *form)
{
    return tables_grant("portico_form_view") ? interface_form.view(form) : NULL;
}

static int form_reply(struct portico_form *form, const char *view, struct portico_value *data)
{
    return tables_grant("portico_form_reply") ? interface_form.reply(form, view, data)
                                              : PORTICO_ENOMEM;
}

static int form_shared(struct portico_form *form, const char *field,
                       struct portico_shared *ret_shared, struct portico_error *error)
{
    return tables_grant("portico_form_shared")
               ? interface_form.shared(form, field, ret_shared, error)
               : tables_no_memory(error);
}

static int form_set_shared(struct portico_form *form, const char *field, portico_id audience,
                           const struct portico_value *people)
{
    return tables_grant("portico_form_set_shared")
               ? interface_form.set_shared(form, field, audience, people)
               : PORTICO_ENOMEM;
}

/* ---- portico.file ---- */

static int file_upload(struct portico_files *files, const char *field, const char *accept,
                       struct portico_upload *ret_upload, struct portico_error *error)
{
    return tables_grant("portico_upload")
               ? interface_file.upload(files, field, accept, ret_upload, error)
               : tables_no_memory(error);
}

static int file_check(struct portico_files *files, const char *name, const void *data,
                      size_t length, const char *accept, struct portico_upload *ret_upload,
                      struct portico_error *error)
{
    return tables_grant("portico_file_check")
               ? interface_file.check(files, name, data, length, accept, ret_upload, error)
               : tables_no_memory(error);
}

static int file_keep(struct portico_files *files, const struct portico_upload *upload,
                     const char *subject, portico_id audience, portico_id *ret_id,
                     struct portico_error *error)
{
    return tables_grant("portico_file_keep")
               ? interface_file.keep(files, upload, subject, audience, ret_id, error)
               : tables_no_memory(error);
}

static const char *file_path(struct portico_files *files, portico_id id, const char *name)
{
    return tables_grant("portico_file_path") ? interface_file.path(files, id, name) : NULL;
}

static int file_assign(struct portico_files *files, portico_id id, const char *subject,
                       portico_id audience, struct portico_error *error)
{
    return tables_grant("portico_file_assign")
               ? interface_file.assign(files, id, subject, audience, error)
               : tables_no_memory(error);
}

static int file_assign_text(struct portico_files *files, const char *text, const char *subject,
                            portico_id audience, struct portico_error *error)
{
    return tables_grant("portico_file_assign_text")
               ? interface_file.assign_text(files, text, subject, audience, error)
               : tables_no_memory(error);
}

static int file_show(struct portico_files *files, const char *subject, portico_id audience,
                     struct portico_error *error)
{
    return tables_grant("portico_file_show") ? interface_file.show(files, subject, audience, error)
                                             : tables_no_memory(error);
}

static int file_follow(struct portico_files *files, const char *subject, const char *table,
                       portico_id row, struct portico_error *error)
{
    return tables_grant("portico_file_follow")
               ? interface_file.follow(files, subject, table, row, error)
               : tables_no_memory(error);
}

static int file_drop(struct portico_files *files, const char *subject, struct portico_error *error)
{
    return tables_grant("portico_file_drop") ? interface_file.drop(files, subject, error)
                                             : tables_no_memory(error);
}

static int file_read(struct portico_files *files, portico_id id, struct portico_upload *ret_file,
                     struct portico_error *error)
{
    return tables_grant("portico_file_read") ? interface_file.read(files, id, ret_file, error)
                                             : tables_no_memory(error);
}

static int file_reply(struct portico_files *files, portico_id id, struct portico_error *error)
{
    return tables_grant("portico_file_reply") ? interface_file.reply(files, id, error)
                                              : tables_no_memory(error);
}

/* ---- portico.people ---- */

static int people_look(struct portico_people *people, const portico_id *ids, size_t count,
                       struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_people_look")
               ? interface_people.look(people, ids, count, ret_rows, error)
               : tables_no_memory(error);
}

static int people_join(struct portico_people *people, const struct portico_value *items,
                       const char *column, const char *member, struct portico_value **ret_items,
                       struct portico_error *error)
{
    return tables_grant("portico_people_join")
               ? interface_people.join(people, items, column, member, ret_items, error)
               : tables_no_memory(error);
}

static int people_find(struct portico_people *people, const char *beginning, uint32_t limit,
                       struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_people_find")
               ? interface_people.find(people, beginning, limit, ret_rows, error)
               : tables_no_memory(error);
}

static int people_named(struct portico_people *people, const char *handle,
                        struct portico_value **ret_row, struct portico_error *error)
{
    return tables_grant("portico_people_named")
               ? interface_people.named(people, handle, ret_row, error)
               : tables_no_memory(error);
}

static int people_external(struct portico_people *people, const char *external, portico_id *ret_id,
                           struct portico_error *error)
{
    return tables_grant("portico_people_external")
               ? interface_people.external(people, external, ret_id, error)
               : tables_no_memory(error);
}

static int people_may(struct portico_people *people, portico_id person, const char *permission)
{
    return tables_grant("portico_people_may") ? interface_people.may(people, person, permission)
                                              : PORTICO_ENOMEM;
}

static int people_holding(struct portico_people *people, const char *permission, uint32_t limit,
                          struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_people_holding")
               ? interface_people.holding(people, permission, limit, ret_rows, error)
               : tables_no_memory(error);
}

static int people_may_in(struct portico_people *people, portico_id person, portico_id account,
                         const char *permission)
{
    return tables_grant("portico_people_may_in")
               ? interface_people.may_in(people, person, account, permission)
               : 0;
}

static int people_holding_in(struct portico_people *people, portico_id account,
                             const char *permission, uint32_t limit,
                             struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_people_holding_in")
               ? interface_people.holding_in(people, account, permission, limit, ret_rows, error)
               : tables_no_memory(error);
}

/* Without memory for the words the host gives the English ones. */
static const char *people_translate(struct portico_people *people, portico_id person,
                                    const char *source, const struct portico_value *arguments)
{
    return tables_grant("portico_people_translate")
               ? interface_people.translate(people, person, source, arguments)
               : source;
}

/* ---- portico.account ---- */

static int account_look(struct portico_accounts *accounts, const portico_id *ids, size_t count,
                        struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_account_look")
               ? interface_account.look(accounts, ids, count, ret_rows, error)
               : tables_no_memory(error);
}

static int account_join(struct portico_accounts *accounts, const struct portico_value *items,
                        const char *column, const char *member, struct portico_value **ret_items,
                        struct portico_error *error)
{
    return tables_grant("portico_account_join")
               ? interface_account.join(accounts, items, column, member, ret_items, error)
               : tables_no_memory(error);
}

static int account_of(struct portico_accounts *accounts, portico_id person, uint32_t limit,
                      struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_accounts_of")
               ? interface_account.of(accounts, person, limit, ret_rows, error)
               : tables_no_memory(error);
}

static int account_members(struct portico_accounts *accounts, const char *beginning, uint32_t limit,
                           struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_account_members")
               ? interface_account.members(accounts, beginning, limit, ret_rows, error)
               : tables_no_memory(error);
}

static int account_roles(struct portico_accounts *accounts, struct portico_value **ret_roles,
                         struct portico_error *error)
{
    return tables_grant("portico_account_roles")
               ? interface_account.roles(accounts, ret_roles, error)
               : tables_no_memory(error);
}

static int account_fact(struct portico_accounts *accounts, portico_id account, const char *key,
                        struct portico_value **ret_value, struct portico_error *error)
{
    return tables_grant("portico_fact")
               ? interface_account.fact(accounts, account, key, ret_value, error)
               : tables_no_memory(error);
}

static int account_set_fact(struct portico_accounts *accounts, portico_id account, const char *key,
                            const char *text, struct portico_error *error)
{
    return tables_grant("portico_set_fact")
               ? interface_account.set_fact(accounts, account, key, text, error)
               : tables_no_memory(error);
}

static int account_contacts(struct portico_accounts *accounts, portico_id account, const char *role,
                            struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_account_contacts")
               ? interface_account.contacts(accounts, account, role, ret_rows, error)
               : tables_no_memory(error);
}

static int account_team(struct portico_accounts *accounts, portico_id account,
                        struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_account_team")
               ? interface_account.team(accounts, account, ret_rows, error)
               : tables_no_memory(error);
}

static int account_partners(struct portico_accounts *accounts, portico_id account,
                            struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_account_partners")
               ? interface_account.partners(accounts, account, ret_rows, error)
               : tables_no_memory(error);
}

/* ---- portico.session ---- */

static int session_get(struct portico_session *session, const char *key,
                       struct portico_value **ret_value, struct portico_error *error)
{
    return tables_grant("portico_session_get")
               ? interface_session.get(session, key, ret_value, error)
               : tables_no_memory(error);
}

static int session_get_shared(struct portico_session *session, const char *module, const char *key,
                              struct portico_value **ret_value, struct portico_error *error)
{
    return tables_grant("portico_session_get_shared")
               ? interface_session.get_shared(session, module, key, ret_value, error)
               : tables_no_memory(error);
}

/* ---- portico.audience ---- */

static int audience_of(struct portico_audiences *audiences, uint32_t level, portico_id account,
                       const char *role, portico_id team, portico_id *ret_audience,
                       struct portico_error *error)
{
    return tables_grant("portico_audience")
               ? interface_audience.of(audiences, level, account, role, team, ret_audience, error)
               : tables_no_memory(error);
}

static int audience_describe(struct portico_audiences *audiences, portico_id audience,
                             struct portico_value **ret_description, struct portico_error *error)
{
    return tables_grant("portico_audience_describe")
               ? interface_audience.describe(audiences, audience, ret_description, error)
               : tables_no_memory(error);
}

static int audience_grant(struct portico_audiences *audiences, const char *table, portico_id row,
                          const portico_id *people, size_t count, struct portico_error *error)
{
    return tables_grant("portico_grant")
               ? interface_audience.grant(audiences, table, row, people, count, error)
               : tables_no_memory(error);
}

static int audience_granted(struct portico_audiences *audiences, const char *table, portico_id row,
                            struct portico_value **ret_people, struct portico_error *error)
{
    return tables_grant("portico_granted")
               ? interface_audience.granted(audiences, table, row, ret_people, error)
               : tables_no_memory(error);
}

static int audience_person(struct portico_audiences *audiences, portico_id account,
                           portico_id person, portico_id *ret_audience, struct portico_error *error)
{
    return tables_grant("portico_audience_person")
               ? interface_audience.person(audiences, account, person, ret_audience, error)
               : tables_no_memory(error);
}

/* ---- portico.notice and portico.limit ---- */

static int notice_notify(struct portico_notices *notices, const struct portico_notice *notice,
                         struct portico_error *error)
{
    return tables_grant("portico_notify") ? interface_notice.notify(notices, notice, error)
                                          : tables_no_memory(error);
}

static int notice_follow(struct portico_notices *notices, portico_id person, const char *subject,
                         int32_t level, struct portico_error *error)
{
    return tables_grant("portico_follow")
               ? interface_notice.follow(notices, person, subject, level, error)
               : tables_no_memory(error);
}

static int notice_following(struct portico_notices *notices, portico_id person, const char *subject,
                            int32_t *ret_level, struct portico_error *error)
{
    return tables_grant("portico_following")
               ? interface_notice.following(notices, person, subject, ret_level, error)
               : tables_no_memory(error);
}

static int notice_followers(struct portico_notices *notices, const char *subject,
                            int64_t *ret_count, struct portico_error *error)
{
    return tables_grant("portico_followers")
               ? interface_notice.followers(notices, subject, ret_count, error)
               : tables_no_memory(error);
}

static int notice_move(struct portico_notices *notices, const char *from, const char *into,
                       struct portico_error *error)
{
    return tables_grant("portico_follow_move") ? interface_notice.move(notices, from, into, error)
                                               : tables_no_memory(error);
}

static int notice_seen(struct portico_notices *notices, const char *subject,
                       struct portico_error *error)
{
    return tables_grant("portico_notice_seen") ? interface_notice.seen(notices, subject, error)
                                               : tables_no_memory(error);
}

static int notice_withdraw(struct portico_notices *notices, const char *subject,
                           struct portico_error *error)
{
    return tables_grant("portico_notice_withdraw")
               ? interface_notice.withdraw(notices, subject, error)
               : tables_no_memory(error);
}

static int notice_withdraw_part(struct portico_notices *notices, const char *subject,
                                const char *part, struct portico_error *error)
{
    return tables_grant("portico_notice_withdraw_part")
               ? interface_notice.withdraw_part(notices, subject, part, error)
               : tables_no_memory(error);
}

static int notice_followed(struct portico_notices *notices, portico_id person, const char *prefix,
                           const char *after, uint32_t most, struct portico_value **ret_rows,
                           struct portico_error *error)
{
    return tables_grant("portico_followed")
               ? interface_notice.followed(notices, person, prefix, after, most, ret_rows, error)
               : tables_no_memory(error);
}

static int limit_take(struct portico_limits *limits, const char *name, uint32_t most,
                      uint32_t seconds, struct portico_error *error)
{
    return tables_grant("portico_limit_take")
               ? interface_limit.take(limits, name, most, seconds, error)
               : tables_no_memory(error);
}

void tables_people_replace(void)
{
    own_forms.open = forms_open;
    own_form.set = form_set;
    own_form.set_text = form_set_text;
    own_form.set_integer = form_set_integer;
    own_form.choice = form_choice;
    own_form.reject = form_reject;
    own_form.action = form_action;
    own_form.submit = form_submit;
    own_form.begin = form_begin;
    own_form.done = form_done;
    own_form.view = form_view;
    own_form.reply = form_reply;
    own_form.shared = form_shared;
    own_form.set_shared = form_set_shared;
    own_file.upload = file_upload;
    own_file.check = file_check;
    own_file.keep = file_keep;
    own_file.path = file_path;
    own_file.assign = file_assign;
    own_file.assign_text = file_assign_text;
    own_file.show = file_show;
    own_file.drop = file_drop;
    own_file.read = file_read;
    own_file.reply = file_reply;
    own_file.follow = file_follow;
    own_people.look = people_look;
    own_people.join = people_join;
    own_people.find = people_find;
    own_people.named = people_named;
    own_people.external = people_external;
    own_people.may = people_may;
    own_people.holding = people_holding;
    own_people.translate = people_translate;
    own_people.may_in = people_may_in;
    own_people.holding_in = people_holding_in;
    own_account.look = account_look;
    own_account.join = account_join;
    own_account.of = account_of;
    own_account.members = account_members;
    own_account.roles = account_roles;
    own_account.fact = account_fact;
    own_account.set_fact = account_set_fact;
    own_account.contacts = account_contacts;
    own_account.team = account_team;
    own_account.partners = account_partners;
    own_audience.of = audience_of;
    own_audience.describe = audience_describe;
    own_audience.grant = audience_grant;
    own_audience.granted = audience_granted;
    own_audience.person = audience_person;
    own_session.get = session_get;
    own_session.get_shared = session_get_shared;
    own_notice.notify = notice_notify;
    own_notice.follow = notice_follow;
    own_notice.following = notice_following;
    own_notice.followers = notice_followers;
    own_notice.move = notice_move;
    own_notice.seen = notice_seen;
    own_notice.withdraw = notice_withdraw;
    own_notice.withdraw_part = notice_withdraw_part;
    own_notice.followed = notice_followed;
    own_limit.take = limit_take;
}
