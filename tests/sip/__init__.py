"""SIP as a peer speaks it: flows run by SIPp against sipd."""
