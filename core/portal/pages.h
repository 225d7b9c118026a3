/* The handlers of the portal's own routes, one block per file. */
#ifndef PORTAL_PAGES_H
#define PORTAL_PAGES_H

#include <portico/portico.h>

/* files.c */
int file_page(struct portico_request *request);
int image_take(struct portico_request *request);

/* preview.c */
int markdown_show(struct portico_request *request);

/* language.c */
int language_page(struct portico_request *request);
int language_choose(struct portico_request *request);

/* notices.c */
int notices_page(struct portico_request *request);
int notices_read(struct portico_request *request);
int notices_mute(struct portico_request *request);
int notices_settings_page(struct portico_request *request);
int notices_settings(struct portico_request *request);
int unsubscribe_page(struct portico_request *request);
int unsubscribe(struct portico_request *request);

/* mail.c */
int mail_page(struct portico_request *request);
int mail_message_page(struct portico_request *request);
int mail_retry(struct portico_request *request);

#endif
