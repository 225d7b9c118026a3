/* The handlers of the portal's own routes, one block per file. */
#ifndef PORTAL_PAGES_H
#define PORTAL_PAGES_H

#include <portico/portico.h>

/* language.c */
int language_page(struct portico_request *request);
int language_choose(struct portico_request *request);

/* sign_in.c */
int sign_in_page(struct portico_request *request);
int sign_out(struct portico_request *request);
int join_page(struct portico_request *request);
int forgot_page(struct portico_request *request);
int sent_page(struct portico_request *request);

/* second.c */
int second_page(struct portico_request *request);
int step_page(struct portico_request *request);
int second_passkey(struct portico_request *request);
int enrol_page(struct portico_request *request);

/* more.c */
int more_page(struct portico_request *request);

/* again.c */
int again_passkey(struct portico_request *request);
int again_page(struct portico_request *request);

/* security.c */
int security_page(struct portico_request *request);
int security_app(struct portico_request *request);
int security_remove(struct portico_request *request);
int security_codes(struct portico_request *request);

/* passkey.c */
int security_passkey(struct portico_request *request);
int security_passkey_remove(struct portico_request *request);
int passkey_enter(struct portico_request *request);

/* tokens.c */
int tokens_page(struct portico_request *request);
int token_new_page(struct portico_request *request);
int token_revoke(struct portico_request *request);
int tokens_api(struct portico_request *request);
int token_api_make(struct portico_request *request);
int token_api_revoke(struct portico_request *request);

/* openapi.c */
int openapi_document(struct portico_request *request);

/* link.c */
int link_page(struct portico_request *request);
int confirm_page(struct portico_request *request);

/* account.c */
int account_page(struct portico_request *request);
int account_address(struct portico_request *request);
int account_session(struct portico_request *request);

/* switch.c */
int switch_page(struct portico_request *request);
int switch_account(struct portico_request *request);
int accounts_api(struct portico_request *request);
int account_api(struct portico_request *request);
int account_api_choose(struct portico_request *request);

/* company_people.c, company_person.c, company_invite.c */
/* company_teams.c */
int company_teams_page(struct portico_request *request);
int company_team_make(struct portico_request *request);
int company_team_page(struct portico_request *request);
int company_team_change(struct portico_request *request);

/* company_home.c */
int company_page(struct portico_request *request);
int company_change(struct portico_request *request);

int company_people_page(struct portico_request *request);
int company_people_export(struct portico_request *request);
int company_person_page(struct portico_request *request);
int company_person_change(struct portico_request *request);
int company_invite_page(struct portico_request *request);
int company_invitation_page(struct portico_request *request);
int company_invitation_change(struct portico_request *request);

/* delegation.c */
int company_delegations_page(struct portico_request *request);
int company_delegations_change(struct portico_request *request);

/* company_review.c */
int company_review_page(struct portico_request *request);
int company_log_page(struct portico_request *request);
int company_log_export(struct portico_request *request);

/* invitation.c */
int invitation_page(struct portico_request *request);

/* own_data.c */
int own_data_page(struct portico_request *request);
int own_data_export(struct portico_request *request);
int own_data_erased(struct portico_request *request);
int own_data_files(struct portico_context *context, portico_id person,
                   struct portico_value *ret_export, struct portico_error *error);

/* merge.c */
int merge_page(struct portico_request *request);
/* admin_people.c */
int people_page(struct portico_request *request);
int invite_page(struct portico_request *request);
int person_page(struct portico_request *request);
int person_change(struct portico_request *request);

/* admin_accounts.c */
int accounts_page(struct portico_request *request);
int account_new_page(struct portico_request *request);
int admin_account_page(struct portico_request *request);
int admin_account_change(struct portico_request *request);

/* looking.c */
int enter_account(struct portico_request *request);
int view_person(struct portico_request *request);
int leave_account(struct portico_request *request);

/* look_people.c */
int look_people_page(struct portico_request *request);
int look_person_page(struct portico_request *request);

/* admin_members.c */
int admin_member_page(struct portico_request *request);
int admin_member_change(struct portico_request *request);

/* photo.c */
int photo_page(struct portico_request *request);

/* import_page.c */
int import_page(struct portico_request *request);
int import_run_page(struct portico_request *request);
int import_report_page(struct portico_request *request);
int import_run_change(struct portico_request *request);

/* admin_roles.c */
int roles_page(struct portico_request *request);
int role_make(struct portico_request *request);
int role_page(struct portico_request *request);
int role_change(struct portico_request *request);

/* admin_settings.c */
int admin_settings(struct portico_request *request);

/* admin_modules.c */
int admin_page(struct portico_request *request);
int modules_page(struct portico_request *request);
int module_page(struct portico_request *request);
int settings_undo(struct portico_request *request);

/* access.c, access_answer.c */
int access_page(struct portico_request *request);
int access_ask(struct portico_request *request);
int access_requests_page(struct portico_request *request);
int access_request_page(struct portico_request *request);
int access_request_answer(struct portico_request *request);

/* why.c */
int why_page(struct portico_request *request);

/* audit.c */
int audit_page(struct portico_request *request);
int audit_check(struct portico_request *request);
int audit_export(struct portico_request *request);

/* notices.c */
int notices_page(struct portico_request *request);
int notices_read(struct portico_request *request);
int notices_mute(struct portico_request *request);
int notices_settings_page(struct portico_request *request);
int notices_settings(struct portico_request *request);
int unsubscribe_page(struct portico_request *request);
int unsubscribe(struct portico_request *request);

/* files.c */
int file_page(struct portico_request *request);
int image_take(struct portico_request *request);

/* suggest.c */
int people_suggest(struct portico_request *request);

/* preview.c */
int markdown_show(struct portico_request *request);

/* mail.c */
int mail_page(struct portico_request *request);
int mail_message_page(struct portico_request *request);
int mail_retry(struct portico_request *request);

#endif
