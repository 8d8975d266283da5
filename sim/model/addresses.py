"""Items of the draws: what tells apart several draws of one purpose, customer and day.

The address of a draw is (seed, purpose, customer, day, item); `sim.draws.Draw` lists the
purposes. Both engines ask with the same items, or their luck would differ. Where a draw
belongs to a touchpoint or an offer, the item is its index. Never renumber.
"""

# TRAIT, on the setup day. The first four are also the columns of the tables' log_mean, log_sd.
BUDGET, INCOME, PRICE, SOCIABILITY, PATIENCE, NEED_RATE, CHURN, LAPSE = 0, 1, 2, 3, 4, 5, 6, 7
FIRST_WEIGHT = 16  # and on: one for each need attribute

# START, on the setup day.
IS_CUSTOMER, HAS_PERMISSION, RENEWAL = 0, 1, 2

# AFFINITY, on the day of birth: uniform, by touchpoint; from this on, whether a heavy viewer.
FIRST_EXPOSURE = 1000

# RENEWAL: 0 is the renewal itself.
LOOKS_AROUND = 1

# CONSIDERATION.
BY_LOYALTY, BY_AWARENESS = 0, 1

# CHOICE: waiting, own offers from 1 on, rivals' offers.
WAITING, FIRST_OFFER_ITEM, FIRST_RIVAL_ITEM = 0, 1, 101

# CHECKOUT: abandoned, tried again. DEPARTURE: to a rival from the checkout, from the search.
FATE_ABANDON, FATE_RETRY, FATE_RIVAL, LEAVE_RIVAL, UNSERVED_RIVAL = 0, 1, 2, 3, 4

# BASKET: the customer's own size, on the setup day; an order's, from 1 on by offer.
OWN_BASKET, FIRST_ORDER_ITEM = 0, 1

# ADD_ON: offer x this + add-on.
ADD_ONS_PER_OFFER = 8
