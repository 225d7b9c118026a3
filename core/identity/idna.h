/* The one form of a domain's name: that of the DNS, by UTS 46 without transitional processing, so
 * that "Straße.DE" and "xn--strae-oqa.de" are one name and "strasse.de" is another. */
#ifndef IDENTITY_IDNA_H
#define IDENTITY_IDNA_H

#define IDENTITY_IDNA_SIZE 254 /* 253 bytes and the NUL */

/* Of UTF-8, without a dot at its end, in small letters. EINVAL: it is no name of a domain, or a
 * label of it has more than 63 bytes. What stands between the dots of a name in ASCII is looked at
 * only where it is the ASCII form of other letters. */
int identity_idna(const char *domain, char ret_ascii[IDENTITY_IDNA_SIZE]);

#endif
